"""Utterances: sound, and the labels that are heard in it.

Columns: ``id``; ``sound``, mono samples, 16-bit little-endian integers, ``RATE`` a second; ``labels``,
phones, words or digits with a space between them; ``pieces``, of how many utterances it is joined; and, where
it is known when each label is heard, ``ends``: the sample after the last one of each label. A label lies from
the end of the one before it, the first from 0.
"""

RATE = 16_000
"""Samples a second, whatever the recordings had."""
