"""What is shown while a corpus is made ready: the step, and how many of its rows are done."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from attnbench.tasks.engine import Tell

_WHAT = "making the corpus ready"
_SECONDS = 15.0
"""Between two lines, where no terminal shows more."""


@contextmanager
def told(console: Console) -> Iterator[Tell]:
    """Give what is to be told of each step; a terminal shows all of it, else there is a line now and then."""
    spoken = time.monotonic()
    with console.status(_WHAT) as status:

        def tell(step: str, done: int, total: int) -> None:
            nonlocal spoken
            text = f"{_WHAT}: {done:,} of {total:,} {step}"
            if console.is_terminal and not console.is_dumb_terminal:
                status.update(text)
            elif time.monotonic() - spoken > _SECONDS:
                print(text, file=sys.stderr, flush=True)
                spoken = time.monotonic()

        yield tell
