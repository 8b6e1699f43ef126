"""A blank figure that looks the same, and can be drawn at all, whatever a user has set up for matplotlib."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attnbench.machine.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@contextmanager
def canvas(path: Path, width: float, height: float) -> Iterator[Figure]:
    """Yield a figure of so many inches, and write it as a PNG when the block ends.

    matplotlib's own defaults hold, so that equal figures are equal bytes. Nothing is said of settings that
    it cannot use, of a folder for its cache that cannot be written, or of letters that its font lacks.
    """
    with _quietly(), _no_backend():
        from matplotlib import rc_context, rcdefaults
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        with rc_context():
            rcdefaults()
            figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
            FigureCanvasAgg(figure)
            yield figure
            write_whole(
                path, lambda beside: figure.savefig(beside, format="png", metadata={"Software": None})
            )


@contextmanager
def _quietly() -> Iterator[None]:
    logger = logging.getLogger("matplotlib")
    usual = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            yield
    finally:
        logger.setLevel(usual)


@contextmanager
def _no_backend() -> Iterator[None]:
    """Hide the backend that the environment names: matplotlib reads it on import, and may refuse it."""
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        yield
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
