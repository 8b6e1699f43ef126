"""attnbench: do the classic RNN-attention papers still hold, by how much, and at what cost?"""

__version__ = "0.1.0"
