"""Sentences of articles and their summaries.

Columns: ``id``, ``source``, ``target`` (the summary that is trained on), ``references`` (all summaries, those
that show nothing left out, ``target`` first) and, where it is known which word of the source each word of
``target`` is, ``links``: a list of ``[target word, source word]``, counted from 0, words cut at blanks.
"""
