"""Reproductions: one folder a paper, found through the entry points ``attnbench.papers``."""
