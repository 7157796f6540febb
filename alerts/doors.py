"""The demo's doors: who can be played, kept in a file of a demo's own directory. A house without that file has none.

Only `lookout demo` writes it, into a sandbox that it made; a live house never opens a door, whatever lies in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = "doors.json"
ROLES = ("submitter", "approver", "operator")


@dataclass(frozen=True, slots=True)
class Doors:
    """Officers' names by role, and the public token of the alert that is played (empty: not yet)."""

    people: Mapping[str, str]
    token: str = ""


def write(data: Path, doors: Doors) -> None:
    """Whole or not at all."""
    part = data / f"{FILE}.part"
    part.write_text(json.dumps({"people": dict(doors.people), "token": doors.token}))
    part.replace(data / FILE)


def find(data: Path, *, sandbox: bool) -> Doors | None:
    """None in a live house, and where no demo is."""
    if not sandbox:
        return None
    try:
        found = json.loads((data / FILE).read_text())
        return Doors({role: str(found["people"][role]) for role in ROLES}, str(found["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
