"""Sentences in one language and their translations.

Columns: ``id``, ``source``, ``target`` and, where it is known which words belong together, ``sure`` and
``possible``: lists of ``[source word, target word]``, counted from 0. ``possible`` does not repeat ``sure``.
"""
