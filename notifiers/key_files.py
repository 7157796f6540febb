"""Secrets that a data directory keeps for itself: made at the first use, 0600, the same for all processes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def keep(path: Path, make: Callable[[], bytes]) -> bytes:
    """What lies in `path`; at the first call what `make` gives. Of two processes that start together one wins.

    Written whole beside its place and linked into it: nobody ever reads half a key.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600 from the first moment
    fresh = Path(name)
    with os.fdopen(handle, "wb") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()
