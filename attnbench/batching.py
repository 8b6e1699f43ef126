"""Which examples make an update: a function of the seed and the update."""

from __future__ import annotations

import numpy as np

from attnbench.settings import TrainingSettings


def order(count: int, lengths: np.ndarray, settings: TrainingSettings, update: int, seed: int) -> np.ndarray:
    """Return the indices of the examples of one update (counted from 0).

    The examples are shuffled once; ``bucket_batches`` batches at a time are fetched, sorted by length
    and cut (Bahdanau et al. 2015, B.2). Reading starts over at the end, and leaves nothing out.
    """
    shuffled = np.random.default_rng(seed).permutation(count)
    bucket, batch = divmod(update, settings.bucket_batches)
    size = settings.bucket_batches * settings.batch_size
    fetched = shuffled[(bucket * size + np.arange(size)) % count]
    fetched = fetched[np.argsort(lengths[fetched], kind="stable")]
    return fetched[batch * settings.batch_size : (batch + 1) * settings.batch_size]
