"""People, keys and agencies: whatever gives somebody more is proposed by one administrator and confirmed by another.

What takes something away (disabling a person, revoking a key) one does alone, and at once. The only exception: as long
as there never was a second administrator, the first invites exactly that one alone (`alerts.houses`). Administrators
without an agency are of the house; those of an agency change its own people and keys, and nobody's operating role.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from alerts import agencies, audit, changes, houses, keyring
from alerts.agencies import ALERTING, Officer, Role
from alerts.changes import Change, Kind
from alerts.errors import Conflict, FourEyes, NotAllowed, NotFound, StaleContent
from alerts.service import applying
from alerts.services import Services
from notifiers.transactions import reading, writing

_OF_THE_HOUSE = frozenset({Kind.AGENCY, Kind.JURISDICTION, Kind.LIVE, Kind.MACHINE})
_OF_THE_AGENCY = frozenset({Kind.TIP_KEY})  # nobody else decides who reads what is sent to it
_OWN_ROLES = ALERTING | {Role.ADMINISTER}  # what an agency's administrators give to its people


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a proposal or confirmation. `link`: the path of an invitation, told this once."""

    change_id: str
    confirmed: bool
    link: str | None = field(default=None, repr=False)


def propose(services: Services, by: Officer, kind: Kind, agency_id: int | None, content: Mapping[str, Any]) -> Done:
    """Ask for a change. Raises NotAllowed outside of the administrator's own, Refused or NotFound for what cannot be."""
    now = services.clock()
    with writing(services.engine) as connection:
        _must_cover(by, kind, agency_id, content)
        applying.check(connection, kind, agency_id, content)
        alone = houses.is_of_one(connection)
        if alone and not _is_second(connection, by, kind, agency_id, content):
            raise NotAllowed("first invite a second administrator: nothing else can be done by one alone")
        made = changes.propose(
            connection, kind, agency_id, content, officer_id=by.id, now=now, lifetime_s=services.settings.change_s
        )
        change = _find(connection, made)
        _log(connection, "propose_change", by, change, services)
        if not alone:
            return Done(made, confirmed=False)
        changes.decide(connection, change, "alone", by.id, now)
        return Done(made, confirmed=True, link=applying.apply(connection, services, change))


def confirm(services: Services, by: Officer, change_id: str, content_hash: str) -> Done:
    """The second person's yes, to exactly what they looked at.

    Raises NotFound, FourEyes, StaleContent, NotAllowed, Conflict once it lapsed, was decided or cannot be any more.
    """
    now = services.clock()
    with writing(services.engine) as connection:
        change = _find(connection, change_id)
        _must_cover(by, change.kind, change.agency_id, change.content)
        if change.proposed_by == by.id:
            raise FourEyes("nobody confirms what they proposed; another administrator must look at it")
        if change.content_hash != content_hash:
            raise StaleContent("this is not what was looked at; look at it again")
        proposer = agencies.find_officer(connection, change.proposed_by)
        if proposer is None or not _covers(proposer, change.kind, change.agency_id, change.content):
            raise Conflict("who proposed this may not do so any more")
        if not changes.decide(connection, change, "confirmed", by.id, now):
            raise Conflict("it was decided already, or its time ran out")
        applying.check(connection, change.kind, change.agency_id, change.content)
        link = applying.apply(connection, services, change)
        _log(connection, "confirm_change", by, change, services)
    return Done(change_id, confirmed=True, link=link)


def decline(services: Services, by: Officer, change_id: str) -> None:
    """No; who proposed it may take it back as well. Raises NotFound, NotAllowed, Conflict."""
    with writing(services.engine) as connection:
        change = _find(connection, change_id)
        _must_cover(by, change.kind, change.agency_id, change.content)
        if not changes.decide(connection, change, "declined", by.id, services.clock()):
            raise Conflict("it was decided already, or its time ran out")
        _log(connection, "decline_change", by, change, services)


def disable(services: Services, by: Officer, officer_id: int) -> None:
    """At once: the next request of this person is nobody's. Raises NotFound, NotAllowed, Conflict for oneself."""
    now = services.clock()
    with writing(services.engine) as connection:
        person = _person(connection, by, officer_id)
        if person.id == by.id:
            raise Conflict("nobody disables themselves; another administrator can")
        agencies.disable(connection, officer_id, now)
        audit.write(connection, audit.by_officer(by.id), "disable", now, detail={"officer_id": officer_id})


def revoke_key(services: Services, by: Officer, key_id: int) -> None:
    """At once. Raises NotFound: also for the key of somebody out of reach, unless it is one's own."""
    now = services.clock()
    with writing(services.engine) as connection:
        key = keyring.find(connection, key_id)
        own = key is not None and key.officer_id == by.id
        if key is None or not (own or (by.may(Role.ADMINISTER) and _reaches(by, key.agency_id))):
            raise NotFound("no such key")
        keyring.revoke(connection, key_id, now)
        audit.write(connection, audit.by_officer(by.id), "revoke_key", now, detail={"key_id": key_id})


def collect_key(services: Services, officer: Officer, key_id: int) -> str:
    """One's own key that was granted: seen this once, by its officer alone. NotFound."""
    now = services.clock()
    with writing(services.engine) as connection:
        key = keyring.collect(connection, officer.id, key_id, now)
        if key is None:
            raise NotFound("no key waits here")
        audit.write(connection, audit.by_officer(officer.id), "collect_key", now, detail={"key_id": key_id})
    return key


def list_changes(services: Services, by: Officer) -> list[Change]:
    """What waits for a decision within the administrator's reach."""
    scope = by.agency.id if by.agency else None
    with reading(services.engine) as connection:
        return changes.list_open(connection, scope, services.clock())


def person(services: Services, by: Officer, officer_id: int) -> Officer:
    """Somebody within the administrator's reach. NotFound."""
    with reading(services.engine) as connection:
        return _person(connection, by, officer_id)


def _person(connection: Connection, by: Officer, officer_id: int) -> Officer:
    found = agencies.find_officer(connection, officer_id)
    if found is None or not _reaches(by, found.agency.id if found.agency else None):
        raise NotFound("no such person")
    return found


def _find(connection: Connection, change_id: str) -> Change:
    found = changes.find(connection, change_id)
    if found is None:
        raise NotFound("no such change")
    return found


def _reaches(by: Officer, agency_id: int | None) -> bool:
    return by.agency is None or by.agency.id == agency_id


def _must_cover(by: Officer, kind: Kind, agency_id: int | None, content: Mapping[str, Any]) -> None:
    if not _covers(by, kind, agency_id, content):
        raise NotAllowed("this is not for an administrator of your agency")


def _covers(by: Officer, kind: Kind, agency_id: int | None, content: Mapping[str, Any]) -> bool:
    if not by.may(Role.ADMINISTER) or not _reaches(by, agency_id):
        return False
    if kind in _OF_THE_AGENCY:
        return by.agency is not None
    return by.agency is None or (kind not in _OF_THE_HOUSE and _gives_only(content, _OWN_ROLES))


def _gives_only(content: Mapping[str, Any], roles: Collection[Role]) -> bool:
    return set(content.get("roles", ())) <= set(roles)


def _is_second(
    connection: Connection, by: Officer, kind: Kind, agency_id: int | None, content: Mapping[str, Any]
) -> bool:
    """The one thing that the first administrator does alone: one more of their kind, once; again if the link ran out."""
    if by.agency is not None or agency_id is not None:
        return False
    others = [one for one in houses.administrators(connection) if one != by.id]
    if kind is Kind.LINK:
        return content.get("officer_id") in others
    return kind is Kind.PERSON and set(content["roles"]) == {Role.ADMINISTER} and not others


def _log(connection: Connection, act: str, by: Officer, change: Change, services: Services) -> None:
    detail = {"change": change.id, "kind": change.kind.value, "content_hash": change.content_hash}
    audit.write(connection, audit.by_officer(by.id), act, services.clock(), detail=detail)
