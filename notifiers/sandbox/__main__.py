"""`python -m notifiers.sandbox --directory D --push-port P --smtp-port S`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from notifiers.sandbox.process import run


def main() -> int:
    """Parse the command line and serve. 1 when a port is taken."""
    parser = argparse.ArgumentParser(prog="notifiers.sandbox", description="Local receivers of push and mail.")
    parser.add_argument("--directory", type=Path, required=True, help="where the sandbox secret is kept")
    parser.add_argument("--push-port", type=int, action="append", help="may be repeated: each is an origin; 0: any")
    parser.add_argument("--smtp-port", type=int, default=0)
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    parser.add_argument("--quiet", action="store_true", help="do not say where it listens")
    told = parser.parse_args()
    try:
        run(told.directory, told.push_port or [0], told.smtp_port, with_parent=told.with_parent, quiet=told.quiet)
    except OSError as taken:
        sys.stderr.write(f"the sandbox cannot listen: {taken.strerror or taken}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
