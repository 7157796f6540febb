"""What a confirmed change does, and what can be proposed at all. The caller owns the transaction, and who may."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from alerts import agencies, feed_sources, keyring, programme, roster, tip_box, tip_keys
from alerts.agencies import ALERTING, Agency, Role, Use
from alerts.cap_values import NAME
from alerts.changes import Change, Kind
from alerts.errors import NotFound, Refused
from alerts.model import Problem
from alerts.service import feed_changes
from alerts.services import Services
from geo.shapes import Shape

MOST_DAYS = 366  # a key lives
MOST_WORDS = 500  # of a command


def check(connection: Connection, kind: Kind, agency_id: int | None, content: Mapping[str, Any]) -> None:
    """Refused with every fault; NotFound for who or what is not there."""
    if faults := list(_FAULTS[kind](connection, agency_id, content)):
        raise Refused(faults)


def apply(connection: Connection, services: Services, change: Change) -> str | None:  # noqa: C901  # a case a kind
    """Do it. The path of an invitation, if it made one."""
    content = change.content
    match change.kind:
        case Kind.PERSON:
            of = agencies.get_agency(connection, change.agency_id) if change.agency_id else None
            roles = frozenset(map(Role, content["roles"]))
            person = agencies.add_officer(
                connection, name=content["name"], roles=roles, agency=of, now=services.clock()
            )
            return invite(connection, services, person.id)
        case Kind.LINK:
            return invite(connection, services, content["officer_id"])
        case Kind.ROLES:
            roster.set_roles(connection, content["officer_id"], frozenset(map(Role, content["roles"])))
        case Kind.KEY:
            _grant(connection, services, content)
        case Kind.AGENCY:
            own = {name: content[name] for name in ("code", "name", "programme", "sender")}
            shape = Shape.from_json(content["jurisdiction"])
            agencies.add_agency(connection, **own, jurisdiction=shape, now=services.clock(), live=False)
        case Kind.JURISDICTION:
            roster.set_jurisdiction(connection, _of(change), Shape.from_json(content["jurisdiction"]))
        case Kind.LIVE:
            roster.set_live(connection, _of(change))
        case Kind.MACHINE:
            pass  # `lookout` asks for it (`alerts.commands.seconded`)
        case Kind.TIP_KEY:
            tip_keys.change(connection, services.vault, _of(change), _public(content), services.clock())
        case Kind.FEED_SOURCE | Kind.FEED_RULE:
            feed_changes.apply(connection, services, change)
    return None


def invite(connection: Connection, services: Services, officer_id: int) -> str:
    """A one-time link to register a passkey; those that were given out before work no more."""
    now = services.clock()
    roster.void_links(connection, officer_id, now)
    return "/signin/" + agencies.issue_sign_in_link(connection, officer_id, now, services.settings.invitation_s)


def _grant(connection: Connection, services: Services, content: Mapping[str, Any]) -> None:
    keyring.grant(
        connection,
        content["officer_id"],
        name=content["name"],
        use=Use(content["use"]),
        roles=frozenset(map(Role, content["roles"])),
        lifetime_s=content["days"] * 24 * 60 * 60,
        now=services.clock(),
    )


def _of(change: Change) -> int:
    if change.agency_id is None:
        raise NotFound("no such agency")
    return change.agency_id


def _person(_connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _named(content, "name", 200)
    yield from _roles(content, agency_id)


def _somebody(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    found = agencies.find_officer(connection, content["officer_id"])
    if found is None or (found.agency.id if found.agency else None) != agency_id:
        raise NotFound("no such person")
    if feed_sources.is_source(connection, found.id):  # a source signs in nowhere, and has the roles that it has
        raise NotFound("no such person")
    if "roles" in content:
        yield from _roles(content, agency_id)


def _key(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _somebody(connection, agency_id, content)
    yield from _named(content, "name", 64)
    if Role.ADMINISTER in content["roles"]:
        yield Problem.error("roles.value", "/roles", "no key administers: people do, signed in with their passkeys")
    if not 1 <= content["days"] <= MOST_DAYS:
        yield Problem.error("days.range", "/days", f"a key lives from 1 to {MOST_DAYS} days")


def _agency(connection: Connection, _agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _named(content, "code", 32)
    yield from _named(content, "name", 200)
    yield from _named(content, "sender", 200)
    if not NAME.fullmatch(content["sender"]):
        yield Problem.error("sender.characters", "/sender", "sender must not hold spaces, commas, < or &")
    if agencies.find_agency(connection, content["code"]):
        yield Problem.error("code.taken", "/code", "there is an agency of this code already")
    if content["programme"] not in programme.PROGRAMMES:
        yield Problem.error("programme.unknown", "/programme", "there is no such programme")
    yield from _drawn(content)


def _jurisdiction(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    _must_be(connection, agency_id)
    yield from _drawn(content)


def _live(connection: Connection, agency_id: int | None, _content: Mapping[str, Any]) -> Iterator[Problem]:
    rules = programme.get(_must_be(connection, agency_id).programme)
    if not rules.checked:
        yield Problem.error("programme.unchecked", "/programme", f"{rules.name} was not checked against its source")


def _must_be(connection: Connection, agency_id: int | None) -> Agency:
    if agency_id is None or not roster.has_agency(connection, agency_id):
        raise NotFound("no such agency")
    return agencies.get_agency(connection, agency_id)


def _tip_key(connection: Connection, agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    _must_be(connection, agency_id)
    if (public := _public(content)) is not None and not tip_box.is_usable(public):
        yield Problem.error("public.value", "/public", "nothing can be encrypted to this key")


def _public(content: Mapping[str, Any]) -> bytes | None:
    return bytes.fromhex(content["public"]) if content["public"] is not None else None


def _drawn(content: Mapping[str, Any]) -> Iterator[Problem]:
    if Shape.from_json(content["jurisdiction"]).is_empty:
        yield Problem.error("jurisdiction.missing", "/jurisdiction", "name counties or states, or give GeoJSON")


def _named(content: Mapping[str, Any], name: str, most: int) -> Iterator[Problem]:
    if not 1 <= len(content[name].strip()) <= most or not content[name].isprintable():
        yield Problem.error(f"{name}.length", f"/{name}", f"{name} must have 1 to {most} readable characters")


def _roles(content: Mapping[str, Any], agency_id: int | None) -> Iterator[Problem]:
    if not content["roles"]:
        yield Problem.error("roles.missing", "/roles", "choose at least one role")
    if agency_id is None and not ALERTING.isdisjoint(content["roles"]):
        yield Problem.error("roles.agency", "/roles", "only people of an agency submit and approve")


def _machine(_connection: Connection, _agency_id: int | None, content: Mapping[str, Any]) -> Iterator[Problem]:
    if not 1 <= len(content["words"]) <= MOST_WORDS or not content["words"].isprintable():
        yield Problem.error("words.length", "/words", f"the command on one line, at most {MOST_WORDS} characters")


_FAULTS: Mapping[Kind, Callable[[Connection, int | None, Mapping[str, Any]], Iterator[Problem]]] = {
    Kind.PERSON: _person,
    Kind.ROLES: _somebody,
    Kind.LINK: _somebody,
    Kind.KEY: _key,
    Kind.AGENCY: _agency,
    Kind.JURISDICTION: _jurisdiction,
    Kind.LIVE: _live,
    Kind.MACHINE: _machine,
    Kind.TIP_KEY: _tip_key,
    Kind.FEED_SOURCE: feed_changes.source_faults,
    Kind.FEED_RULE: feed_changes.rule_faults,
}
