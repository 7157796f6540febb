"""The languages of the house's own words: which are on, and an operator's switch."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from alerts import audit, speaking
from alerts.agencies import Officer
from alerts.errors import Conflict, NotFound
from alerts.services import Services
from notifiers.catalogues import ALL, ENGLISH, NAMES, Spoken, catalogue, reviewed
from notifiers.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class Language:
    """One catalogue. `switched`: an operator answers for it; `on`: pages speak it."""

    tag: str
    name: str
    reviewed_by: str
    on: bool
    switched: bool


def spoken(services: Services) -> Spoken:
    """What pages may be in, as it stood within the last second; without the database, as it stood last."""
    return ALL if services.settings.sandbox else services.speaks.get(lambda: _read(services))


def spoken_now(connection: Connection, services: Services) -> Spoken:
    """The same as this transaction sees it: what a notice is frozen with."""
    return ALL if services.settings.sandbox else speaking.switched_on(connection) | speaking.always()


def listed(services: Services) -> list[Language]:
    """Every catalogue but English, in the order of menus."""
    with reading(services.engine) as connection:
        switched, on = speaking.switched_on(connection), spoken_now(connection, services)
    return [
        Language(tag, name, catalogue(tag).reviewed_by, tag in on, tag in switched)
        for tag, name in NAMES.items()
        if tag != ENGLISH
    ]


def switch(services: Services, operator: Officer, tag: str, *, on: bool) -> None:
    """An operator answers for words that no native reader has reviewed, or does no longer. NotFound; Conflict where
    there is nothing to answer for. Again changes nothing.
    """
    if tag not in NAMES:
        raise NotFound("no such language")
    if reviewed(tag):
        raise Conflict("these words are reviewed: they are always on")
    now = services.clock()
    with writing(services.engine) as connection:
        if speaking.switch(connection, tag, operator.id, now, on=on):
            what: audit.Detail = {"language": tag, "on": int(on)}
            audit.write(connection, audit.by_officer(operator.id), "language", now, detail=what)
    services.speaks.forget()


def _read(services: Services) -> Spoken:
    with reading(services.engine) as connection:
        return spoken_now(connection, services)
