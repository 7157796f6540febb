"""Who may act: agencies with their jurisdictions, officers and their roles, API keys, one-time links and sessions.

Every secret is 256 random bits, shown once and kept as its SHA-256: a stolen database opens nothing. It is looked up by
that hash, so that no comparison of secrets takes longer for a better guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, insert, select, update

from alerts import audit
from alerts.access_tables import credential, session, sign_in_link
from alerts.tables import agency, officer
from geo.shapes import Shape


class Role(StrEnum):
    """What a person may do; one may hold several. Whoever neither submits nor approves sees nothing of a child."""

    SUBMIT = "submit"  # writes and edits alerts of their agency
    APPROVE = "approve"  # lets go what others of their agency wrote; gives a neighbour consent
    OPERATE = "operate"  # watches all deliveries, pauses and resumes
    ADMINISTER = "administer"  # people, keys and agencies: of their agency, or of the house


OFFICER = frozenset({Role.SUBMIT, Role.APPROVE})
OPERATOR = frozenset({Role.OPERATE})
ALERTING = OFFICER  # roles that only an agency's people hold


class Use(StrEnum):
    """What a credential is for; what it may see and make follows from it (`Officer.sees`)."""

    LIVE = "live"  # real alerts
    DRILL = "drill"  # Exercise, Test and System alone, to recipients enrolled for tests
    TEST = "test"  # nothing of it is ever sent


KEY_PREFIX = {Use.LIVE: "lk_", Use.DRILL: "lk_drill_", Use.TEST: "lk_test_"}


class BadLink(Exception):
    """The sign-in link is unknown, used or too old."""


@dataclass(frozen=True, slots=True)
class Agency:
    """An authority that may issue alerts inside its `jurisdiction`, under its `programme`'s rules."""

    id: int
    code: str
    name: str
    programme: str
    sender: str
    jurisdiction: Shape = field(repr=False)
    live: bool = True


@dataclass(frozen=True, slots=True)
class Officer:
    """A person, as far as the credential they came with reaches. Without an agency they belong to the house."""

    id: int
    name: str
    roles: frozenset[Role]
    agency: Agency | None
    use: Use = Use.LIVE
    seen_at: datetime | None = field(default=None, compare=False, repr=False)  # when it was used last, to the minute

    def may(self, *roles: Role) -> bool:
        """Whether they hold any of these."""
        return not self.roles.isdisjoint(roles)


def add_agency(  # noqa: PLR0913 one argument a column
    connection: Connection,
    *,
    code: str,
    name: str,
    programme: str,
    sender: str,
    jurisdiction: Shape,
    now: datetime,
    live: bool = True,
) -> Agency:
    drawn = json.dumps(jurisdiction.to_geojson())
    row = {"code": code, "name": name, "programme": programme, "sender": sender, "jurisdiction": drawn}
    made = insert(agency).values(created_at=now, live=live, **row).returning(agency.c.id)
    return Agency(int(connection.execute(made).scalar_one()), code, name, programme, sender, jurisdiction, live)


def add_officer(
    connection: Connection, *, name: str, roles: Collection[Role], now: datetime, agency: Agency | None = None
) -> Officer:
    """ValueError for roles that nobody without an agency can hold."""
    if agency is None and not ALERTING.isdisjoint(roles):
        raise ValueError("only people of an agency submit and approve")
    whose, agency_id = ("officer", agency.id) if agency else ("operator", None)
    row = {"name": name, "role": whose, "roles": _words(roles), "agency_id": agency_id, "created_at": now}
    number = connection.execute(insert(officer).values(**row).returning(officer.c.id)).scalar_one()
    return Officer(int(number), name, frozenset(roles), agency)


def get_agency(connection: Connection, agency_id: int) -> Agency:
    return _agency(connection.execute(select(agency).where(agency.c.id == agency_id)).one())


def list_jurisdictions(connection: Connection) -> list[Shape]:
    """Of all agencies of this house."""
    return [_drawn(one) for one in connection.scalars(select(agency.c.jurisdiction).order_by(agency.c.id))]


def find_agency(connection: Connection, code: str) -> Agency | None:
    row = connection.execute(select(agency).where(agency.c.code == code)).one_or_none()
    return _agency(row) if row else None


def list_officers(connection: Connection) -> list[Officer]:
    rows = connection.execute(select(officer).where(officer.c.disabled_at.is_(None)).order_by(officer.c.id))
    return [_officer(connection, row) for row in rows.all()]


def find_officer(connection: Connection, officer_id: int) -> Officer | None:
    """Who is not disabled, with all their roles."""
    able = (officer.c.id == officer_id) & officer.c.disabled_at.is_(None)
    row = connection.execute(select(officer).where(able)).one_or_none()
    return _officer(connection, row) if row else None


def disable(connection: Connection, officer_id: int, now: datetime) -> None:
    """From now on neither key, link nor session of this officer opens anything."""
    connection.execute(update(officer).where(officer.c.id == officer_id).values(disabled_at=now))


def issue_key(  # one argument for each choice
    connection: Connection,
    officer_id: int,
    now: datetime,
    *,
    lifetime_s: int | None = None,
    use: Use = Use.LIVE,
    roles: Collection[Role] = frozenset(Role),
    name: str = "",
) -> str:
    """A new API key for `Authorization: Bearer`; shown this once. It never does more than its officer may at the time."""
    key = new_key(use)
    row = {"officer_id": officer_id, "hash": hashed(key), "created_at": now, "expires_at": _after(now, lifetime_s)}
    scope = {"purpose": use.value, "roles": _words(roles), "name": name}
    connection.execute(insert(credential).values(**row, **scope))
    return key


def new_key(use: Use) -> str:
    """256 random bits behind a prefix that says what the key is for: a test key is seen to be one."""
    return KEY_PREFIX[use] + secrets.token_urlsafe(32)


def find_by_key(connection: Connection, key: str, now: datetime) -> Officer | None:
    """Whose key this is, if it is still good."""
    usable = credential.c.revoked_at.is_(None) & credential.c.waiting.is_(False)
    return _bearer(connection, credential, key, now, usable)


def note_key_use(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(credential).where(credential.c.hash == hashed(key)).values(used_at=now))


def revoke_key(connection: Connection, key: str, now: datetime) -> None:
    connection.execute(update(credential).where(credential.c.hash == hashed(key)).values(revoked_at=now))


def issue_sign_in_link(connection: Connection, officer_id: int, now: datetime, lifetime_s: int) -> str:
    """A token that signs this officer in once (the path is /signin/{token})."""
    token = secrets.token_urlsafe(32)
    row = {"officer_id": officer_id, "hash": hashed(token), "created_at": now, "expires_at": _after(now, lifetime_s)}
    connection.execute(insert(sign_in_link).values(**row))
    return token


def use_sign_in_link(connection: Connection, token: str, now: datetime, session_s: int) -> str:
    """Consume the link and open a session; its token. BadLink."""
    return open_session(connection, use_link(connection, token, now).id, now, session_s, how="link")


def open_session(
    connection: Connection,
    officer_id: int,
    now: datetime,
    session_s: int,
    *,
    how: str,
    drill: bool = False,
    proved_at: datetime | None = None,
) -> str:
    """A new session of this officer; its token. `proved_at`: when they proved who they are, where that is not now."""
    opened = secrets.token_urlsafe(32)
    times = {"created_at": proved_at or now, "expires_at": _after(now, session_s), "seen_at": now}
    connection.execute(insert(session).values(officer_id=officer_id, hash=hashed(opened), drill=drill, **times))
    audit.write(connection, audit.by_officer(officer_id), "sign_in", now, detail={"how": how, "drill": int(drill)})
    return opened


def find_link(connection: Connection, token: str, now: datetime) -> Officer | None:
    """Whom a one-time link is for, if it still works; nothing is used up."""
    return _bearer(connection, sign_in_link, token, now, sign_in_link.c.used_at.is_(None))


def use_link(connection: Connection, token: str, now: datetime) -> Officer:
    """Consume the link without opening a session. BadLink."""
    whose = find_link(connection, token, now)
    if whose is None or not _consumed(connection, token, now):
        raise BadLink
    return whose


def find_session(connection: Connection, token: str, now: datetime, *, idle_s: int | None = None) -> Officer | None:
    """Who is signed in with this session, if it is still open and was used within the last `idle_s` seconds."""
    usable: ColumnElement[bool] = session.c.ended_at.is_(None)
    if idle_s is not None:
        usable &= func.coalesce(session.c.seen_at, session.c.created_at) > now - timedelta(seconds=idle_s)
    return _bearer(connection, session, token, now, usable)


def end_session(connection: Connection, token: str, now: datetime) -> None:
    connection.execute(update(session).where(session.c.hash == hashed(token)).values(ended_at=now))


def hashed(secret: str) -> bytes:
    """SHA-256 of a random secret: 256 bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _consumed(connection: Connection, token: str, now: datetime) -> bool:
    # One statement decides between two who press at once.
    unused = (sign_in_link.c.hash == hashed(token)) & sign_in_link.c.used_at.is_(None)
    return connection.execute(update(sign_in_link).where(unused).values(used_at=now)).rowcount == 1


def _bearer(
    connection: Connection, table: Table, secret: str, now: datetime, usable: ColumnElement[bool]
) -> Officer | None:
    still = table.c.expires_at.is_(None) | (table.c.expires_at > now)
    query = select(officer, table.c.hash.label("known"), *_SCOPE.get(table, ())).join(
        table, table.c.officer_id == officer.c.id
    )
    query = query.where(table.c.hash == hashed(secret), usable, still, officer.c.disabled_at.is_(None))
    row = connection.execute(query).one_or_none()
    return _officer(connection, row) if row and hmac.compare_digest(row.known, hashed(secret)) else None


# What a credential narrows, beside who holds it.
_SCOPE: Mapping[Table, tuple[ColumnElement[Any], ...]] = {
    credential: (
        credential.c.purpose.label("use"),
        credential.c.roles.label("scope"),
        credential.c.used_at.label("seen_at"),
    ),
    session: (session.c.drill, session.c.seen_at),
}


def _officer(connection: Connection, row: Row[Any]) -> Officer:
    of = get_agency(connection, row.agency_id) if row.agency_id else None
    mine, narrowed = _roles(row.roles), row._mapping  # noqa: SLF001 - the row's own way to ask for a column that may not be there
    use = Use(narrowed.get("use") or (Use.DRILL if narrowed.get("drill") else Use.LIVE))
    if "scope" in narrowed:  # a key: people are administered by people alone
        mine = mine & _roles(narrowed["scope"]) - {Role.ADMINISTER}
    if use is not Use.LIVE:  # who practises touches nothing that is real
        mine &= ALERTING
    return Officer(row.id, row.name, mine, of, use, narrowed.get("seen_at"))


def _roles(words: str) -> frozenset[Role]:
    return frozenset(map(Role, words.split()))


def _words(roles: Collection[Role]) -> str:
    return " ".join(sorted(roles))


def _agency(row: Row[Any]) -> Agency:
    return Agency(row.id, row.code, row.name, row.programme, row.sender, _drawn(row.jurisdiction), row.live)


@lru_cache(maxsize=256)
def _drawn(jurisdiction: str) -> Shape:
    """Read once: a state has thousands of corners, and every request asks who is calling."""
    return Shape.from_json(json.loads(jurisdiction))


def _after(now: datetime, lifetime_s: int | None) -> datetime | None:
    return now + timedelta(seconds=lifetime_s) if lifetime_s is not None else None
