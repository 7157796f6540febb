"""The state that a form's page showed, and what happened to the alert since: told where the form comes too late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form

from alerts.agencies import Officer
from alerts.errors import LookoutError
from alerts.reports import AlertView
from alerts.service import acts
from alerts.service.acts import Act
from alerts.services import Services

SeenText = Annotated[str, Form(max_length=100)]

_DONE: Mapping[str, str] = {
    "submit": "submitted a new version",
    "edit": "edited it",
    "enlarge": "asked for a larger area",
    "ask": "asked for the approval",
    "count_down": "approved it, to go out in a moment",
    "stop": "stopped the approval",
    "approve": "approved it",
    "return": "returned it to its author",
    "reject": "rejected it",
    "reduce": "withdrew or shortened something",
    "repeat": "repeated it",
    "cancel": "ended the search",
}
_BY_TIME: Mapping[str, str] = {
    "lapse": "Nobody approved it in time: the request lapsed",
    "expire": "Its time ran out: it is over",
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a page showed: the tag of the state, and how long the log was then."""

    tag: str = ""
    logged: int = 0

    @property
    def seen(self) -> set[str]:
        """For the services: nothing but this state will do."""
        return {self.tag}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened, in words."""

    words: str
    at: datetime


def written(view: AlertView) -> str:
    """What a form of this page carries along."""
    return f"{view.tag}.{view.logged}"


def read(text: str) -> Looked:
    """As it came back; what is none is a state that no alert is in."""
    tag, _, logged = text.partition(".")
    return Looked(tag, int(logged) if logged.isascii() and logged.isdecimal() and len(logged) < 16 else 0)


def sentence(fault: LookoutError) -> str:
    """Why it was not done, as people write."""
    said = str(fault)
    return f"{said[:1].upper()}{said[1:]}."


def told(services: Services, officer: Officer, alert_id: str, looked: Looked) -> list[Told]:
    """Who did what since; nothing where the page did not say what it showed."""
    if not looked.logged:
        return []
    return in_words(acts.list_since(services, officer, alert_id, looked.logged))


def in_words(found: Sequence[Act]) -> list[Told]:
    """Pure: one sentence an act, the newest last."""
    return [Told(_words(act), act.at) for act in found]


def _words(act: Act) -> str:
    if act.who is None:
        return _BY_TIME.get(act.action, "It was changed") + "."
    return f"{'You' if act.own else act.who} {_DONE.get(act.action, 'changed it')}."
