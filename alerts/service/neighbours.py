"""Consent between neighbours: given by an officer who may approve, for a time, wholly or for an area; revoked at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from alerts import agencies, audit, consents, roster
from alerts.agencies import Officer, Use
from alerts.consents import Consent
from alerts.errors import Changed, NotAllowed, NotFound, Refused
from alerts.model import Problem
from alerts.outside import find as find_outside
from alerts.service.chain import Seen
from alerts.service.drafting import agency_of
from alerts.services import Services
from geo.shapes import Shape
from notifiers.transactions import reading, writing

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Asked:
    """To whom (an agency's code), where (None: wherever the giver may alert), for how many days."""

    to: str
    area: Shape | None
    days: int


def give(services: Services, officer: Officer, asked: Asked) -> str:
    """Its id. Refused with every fault, among them an area that is not the giver's own to give."""
    own, now = agency_of(officer), services.clock()
    _must_be_live(officer)
    with reading(services.engine) as connection:
        to = agencies.find_agency(connection, asked.to)
        own = agencies.get_agency(connection, own.id)
    faults = [] if 1 <= asked.days <= MOST_DAYS else [Problem.error("days.range", "/days", f"from 1 to {MOST_DAYS}")]
    if to is None or to.id == own.id:
        faults.append(Problem.error("to.unknown", "/to", "there is no other agency of this code"))
    if asked.area is not None and (outside := find_outside(asked.area, own.jurisdiction, "/area")):
        faults.append(outside)
    if faults or to is None:
        raise Refused(faults)
    until = now + timedelta(days=asked.days)
    with writing(services.engine) as connection:
        made = consents.give(
            connection, own.id, to.id, area=asked.area, officer_id=officer.id, now=now, expires_at=until
        )
        digest = asked.area.digest() if asked.area else None
        detail: audit.Detail = {"consent": made, "to_agency_id": to.id, "area_digest": digest, "days": asked.days}
        audit.write(connection, audit.by_officer(officer.id), "give_consent", now, detail=detail)
    return made


def revoke(services: Services, officer: Officer, consent_id: str, seen: Seen = None) -> None:
    """From now on nothing is approved on it; what was approved before goes on. NotFound, Changed."""
    own, now = agency_of(officer), services.clock()
    _must_be_live(officer)
    with writing(services.engine) as connection:
        _must_match(consents.list_of(connection, own.id), consent_id, seen)
        if not consents.revoke(connection, consent_id, own.id, officer.id, now):
            raise NotFound("no such consent of your agency")
        audit.write(connection, audit.by_officer(officer.id), "revoke_consent", now, detail={"consent": consent_id})


def list_own(services: Services, officer: Officer) -> list[Consent]:
    """Given and received, the newest first."""
    with reading(services.engine) as connection:
        return consents.list_of(connection, agency_of(officer).id)


def list_others(services: Services, officer: Officer) -> list[tuple[str, str]]:
    """(code, name) of the other agencies."""
    own = agency_of(officer).id
    with reading(services.engine) as connection:
        return [(one.code, one.name) for one in roster.list_agencies(connection) if one.id != own]


def _must_match(known: Iterable[Consent], consent_id: str, seen: Seen) -> None:
    tag = next((one.tag for one in known if one.id == consent_id), None)
    if seen is not None and tag is not None and tag not in seen:
        raise Changed(tag)


def _must_be_live(officer: Officer) -> None:
    if officer.use is not Use.LIVE:
        raise NotAllowed("a consent is real: it is given outside of drills and without a test key")
