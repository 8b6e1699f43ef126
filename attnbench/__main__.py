"""``python -m attnbench``. Nothing is imported before the current folder is no longer looked into."""

import os
import sys

if __name__ == "__main__":
    if not sys.flags.safe_path and not __file__.startswith(os.path.join(sys.path[0], "")):  # noqa: PTH118
        del sys.path[0]  # the current folder, whose files must not take the place of modules

    from attnbench.cli import main

    main()
