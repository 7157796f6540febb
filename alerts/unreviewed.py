"""Languages in which Lookout would write a record's texts though no native reader has reviewed its words there. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Alert, Status
from alerts.problems import Problem
from alerts.record import Record
from notifiers.catalogues import NAMES, Spoken, nearest, reviewed

WHOLE = ("headline", "description", "instruction")


def check(alert: Alert, spoken: Spoken) -> Iterator[Problem]:
    """A warning for each that is on, or of a drill; a fault for each that is off: nothing half understood is sent in our
    name. An authority's own headline, description and instruction are shown as they are, and nothing is asked of them.
    """
    if alert.record is None:
        return
    for language in dict.fromkeys(info.language for info in alert.infos):
        tag = nearest(language, frozenset(NAMES))
        if not reviewed(tag) and not _own(alert.record, language):
            yield _told(language, tag, on=tag in spoken or alert.status is not Status.ACTUAL)


def _told(language: str, tag: str, *, on: bool) -> Problem:
    said = f"no native reader has reviewed the words in which Lookout writes {NAMES[tag]}"
    if on:
        return Problem.warning(
            "texts.unreviewed", f"/texts/{language}", f"{said}: have these texts read before approval"
        )
    more = "and they are off: enter headline, description and instruction, or have an operator switch the language on"
    return Problem.error("texts.unreviewed", f"/texts/{language}", f"{said}, {more}")


def _own(record: Record, language: str) -> bool:
    own = record.texts.get(language)
    return own is not None and all(getattr(own, name) for name in WHOLE)
