"""What of an alert in force can be set right by itself, and where a wrong word still stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.pages.record_form import ABDUCTION, CHILDREN, CONTACT, SUSPECTS, VEHICLES, whole_label
from alerts.reports import AlertView

_PARTS = (*(part.key + "." for part in (CHILDREN, ABDUCTION, VEHICLES, SUSPECTS, CONTACT)), "texts.")
_TOLD = ("texts.", "abduction.circumstances")  # sentences in which a wrong word may stand as well
_SHORTEST = 3  # letters: what is shorter stands in many words


def offered(view: AlertView, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """What may be corrected: (field, its words and what it says now); nothing where an update is not to be asked for."""
    if "update" not in view.actions or view.record is None:
        return []
    said = {name: text for name, text in values.items() if name.startswith(_PARTS) and text.strip()}
    return [(name, f"{whole_label(name)}: {_short(text)}") for name, text in said.items() if not _hidden(name)]


def left(values: Mapping[str, str], was: str) -> dict[str, list[str]]:
    """The sentences in which what was wrong stands still."""
    wrong = was.strip().casefold()
    if len(wrong) < _SHORTEST:
        return {}
    found = [name for name, text in values.items() if name.startswith(_TOLD) and wrong in text.casefold()]
    return {name: [f"This still says “{was.strip()}”."] for name in found}


def _hidden(name: str) -> bool:
    return name.endswith(("point.lat", "point.lon", ".zone", "armed_or_dangerous"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
