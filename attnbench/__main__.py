"""``python -m attnbench``."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    if not sys.flags.safe_path and sys.path[0] != str(Path(__file__).parents[1]):
        del sys.path[0]  # the current folder, whose files must not take the place of modules

    from attnbench.cli import main

    main()
