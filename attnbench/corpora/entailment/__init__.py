"""Sentence pairs, and whether the first entails the second.

Columns: ``id``, ``premise``, ``hypothesis``, ``label`` (one of ``labels.LABELS``) and, where it is known
which words decide, ``links``: lists of ``[hypothesis word, premise word]``, counted from 0, words split at
blanks.
"""
