"""axe-core in a page: what it finds that is not for everybody. Its package is locked beside this file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOM = Path(__file__).parent / "axe"
ALL = "{resultTypes: ['violations']}"
COLOURS = "{resultTypes: ['violations'], runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"
LOOKS = (("light", "none"), ("dark", "none"), ("light", "active"))


@cache
def script() -> str:
    """The library's text, installed once by the lock file."""
    if shutil.which("npm") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no npm here")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lookout-tests"
    into = home / f"axe-{hashlib.sha256((ROOM / 'package-lock.json').read_bytes()).hexdigest()[:16]}.js"
    if not into.exists():
        into.parent.mkdir(parents=True, exist_ok=True)
        into.write_text(_installed())
    return into.read_text()


def _installed() -> str:
    with tempfile.TemporaryDirectory() as making:
        for file in ROOM.iterdir():
            shutil.copy(file, making)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        said = subprocess.run(command, cwd=making, capture_output=True, text=True, timeout=100, check=False)
        if said.returncode:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
                f"npm cannot install: {said.stderr[-300:]}"
            )
        return (Path(making) / "node_modules" / "axe-core" / "axe.min.js").read_text()


def violations(page: Any) -> list[str]:
    """In light, dark and forced colours: the rule and the first places where it is broken.

    What no colour changes is looked at in the first look alone.
    """
    found = []
    for number, (scheme, forced) in enumerate(LOOKS):
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        if number == 0:
            page.evaluate(script())  # by the debugger: the page's own policy lets no script of ours in
        told = page.evaluate(f"axe.run(document, {COLOURS if number else ALL}).then(r => r.violations)")
        found += [
            f"{page.url} {scheme} {forced}: {one['id']} at {[node['target'] for node in one['nodes'][:3]]}"
            for one in told
        ]
    return found
