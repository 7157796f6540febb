"""The rows of notices: added with their approval, paused, held, ended. What a notice says is sealed in its row.

Functions take the connection of the caller's transaction; those that change something, of a `writing` one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, not_, or_, select, update

from notifiers import keyings, ledger
from notifiers.clock import database_now
from notifiers.eligibility import Audience
from notifiers.freezing import freeze, thaw
from notifiers.model import OUTLETS, Kind, Notice
from notifiers.tables import notice
from notifiers.transactions import Lock, alone
from notifiers.vault import Vault

_AS_SAID = ("incident", "version", "number", "status", "expires_at", "reach", "area_digest", "alert_class")
_STATUS_COLUMNS = tuple(column for column in notice.c if column.name not in {"sealed", "keying"})


class UnknownNotice(LookupError):
    """There is no notice of that id."""


class VersionTaken(ValueError):
    """A cancel must have a version of its own above all others: people are told once a version."""


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """A notice's row without what it says."""

    id: int
    incident_id: int
    incident: str
    version: int
    number: int
    kind: Kind
    status: str
    state: str  # queued, planned, held
    held_why: str | None
    over: str | None
    paused: bool
    outlets_over: bool
    expires_at: datetime
    approved_at: datetime
    planned_at: datetime | None
    matched: int | None
    area_digest: str
    reach: int
    key_name: str | None
    repeats_on: tuple[str, ...] | None = None
    test: bool = False
    alert_class: str = ""

    @property
    def audience(self) -> Audience:
        """Whom it is for, of those inside its area."""
        return Audience.of(self.status, self.alert_class)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A version that says again what version `says` said: to who was told that, on the channels `on` only."""

    on: tuple[str, ...]
    says: int


def add(  # the columns of one row, by name
    connection: Connection,
    vault: Vault,
    said: Notice,
    *,
    incident_id: int,
    key_name: str | None,
    approved_at: datetime,
    test: bool = False,
) -> int:
    """Seals and stores an approved notice, to be fanned out; returns its id. In the approval's own transaction.

    `test`: of what a test key made. Such a row is never planned and never sent (`notifiers.standing`).

    `key_name` None stores it in the clear: only for what holds nothing of the child (a cancel). KeyGone without the
    key; VersionTaken for a cancel whose version somebody may have been told already.
    """
    if said.kind is Kind.CANCEL:
        _refuse_taken_version(connection, incident_id, said.version)
    frozen = freeze(said)
    values = {name: getattr(said, name) for name in _AS_SAID}
    row = connection.execute(
        insert(notice)
        .values(
            **values,
            incident_id=incident_id,
            kind=said.kind.value,
            state="queued",
            paused=False,
            test=test,
            approved_at=approved_at,
            sealed=frozen if key_name is None else vault.seal(key_name, frozen),
            key_name=key_name,
            keying=keyings.take(connection, said.reach),
            repeats_on=None if said.repeats_on is None else " ".join(said.repeats_on),
        )
        .returning(notice.c.id)
    ).one()
    return int(row.id)


def get(connection: Connection, vault: Vault, notice_id: int) -> Notice:
    """What a notice says. UnknownNotice; KeyGone once its incident has ended."""
    row = connection.execute(select(notice.c.sealed, notice.c.key_name).where(notice.c.id == notice_id)).one_or_none()
    if row is None:
        raise UnknownNotice(notice_id)
    return thaw(row.sealed if row.key_name is None else vault.open(row.key_name, row.sealed))


@dataclass(frozen=True, slots=True)
class Told:
    """What anyone may read now: ids of notices, the newest first, and when that last changed (None: never)."""

    ids: tuple[int, ...]
    changed_at: datetime | None


def list_told(connection: Connection, now: datetime) -> Told:
    """The newest notice of each Actual incident in force, and of those that ended the cancel while it is delivered."""
    actual, ends = notice.c.status == "Actual", notice.c.kind == Kind.CANCEL.value
    said = select(func.max(notice.c.id).label("id")).where(
        actual, notice.c.expires_at > now, or_(ends, notice.c.over.is_(None))
    )
    ids = connection.scalars(said.group_by(notice.c.incident_id).order_by(func.max(notice.c.id).desc()))
    past = case((notice.c.expires_at <= now, notice.c.expires_at))
    changes = connection.execute(select(func.max(notice.c.approved_at), func.max(past)).where(actual)).one()
    return Told(tuple(ids), max((at for at in changes if at is not None), default=None))


def was_told(connection: Connection, incident: str) -> bool:
    """Whether an Actual alert of this token was ever let go."""
    known = select(notice.c.id).where(notice.c.incident == incident, notice.c.status == "Actual")
    return connection.execute(known.limit(1)).first() is not None


def get_status(connection: Connection, notice_id: int) -> NoticeStatus:
    """How a notice stands; UnknownNotice."""
    row = connection.execute(select(*_STATUS_COLUMNS).where(notice.c.id == notice_id)).one_or_none()
    if row is None:
        raise UnknownNotice(notice_id)
    return _status(row)


def get_repeat(connection: Connection, incident_id: int, version: int) -> Repeat | None:
    """What a version of an incident repeats; None for one with words of its own. A repeat of a repeat says the first."""
    versions = select(notice.c.version, func.max(notice.c.repeats_on).label("on")).group_by(notice.c.version)
    ours = notice.c.incident_id == incident_id, notice.c.kind != Kind.CANCEL.value, notice.c.version <= version
    rows = connection.execute(versions.where(*ours).order_by(notice.c.version.desc())).all()
    if not rows or rows[0].version != version or rows[0].on is None:
        return None
    return Repeat(tuple(rows[0].on.split()), next((row.version for row in rows if row.on is None), 0))


def list_incident(connection: Connection, incident_id: int) -> list[NoticeStatus]:
    """All notices of an incident, the first first."""
    rows = connection.execute(select(*_STATUS_COLUMNS).where(notice.c.incident_id == incident_id).order_by(notice.c.id))
    return [_status(row) for row in rows]


def list_open(connection: Connection) -> list[NoticeStatus]:
    """Notices that are not over, paused and held ones among them."""
    rows = connection.execute(select(*_STATUS_COLUMNS).where(_open(connection)).order_by(notice.c.id))
    return [_status(row) for row in rows]


def due_for_fanout(connection: Connection) -> list[int]:
    """Notices that wait to be fanned out, cancels first."""
    rows = connection.execute(
        select(notice.c.id, notice.c.kind).where(_open(connection), notice.c.state == "queued").order_by(notice.c.id)
    )
    return [row.id for row in sorted(rows, key=lambda row: row.kind != Kind.CANCEL.value)]


def ended(connection: Connection, notice_ids: Collection[int]) -> set[int]:
    """Which of these notices are over: what is remembered of them is to be forgotten."""
    open_ids = connection.scalars(select(notice.c.id).where(_open(connection), notice.c.id.in_(notice_ids)))
    return set(notice_ids) - set(open_ids)


def known_over(connection: Connection, notice_ids: Collection[int]) -> list[int]:
    """Those of these notices that have a row and are over; one that is only about to be committed is not among them."""
    chosen = select(notice.c.id).where(notice.c.id.in_(notice_ids), not_(_open(connection)))
    return list(connection.scalars(chosen)) if notice_ids else []


def set_over(connection: Connection, incident_id: int, why: str, *, below_version: int | None = None) -> list[int]:
    """Ends the notices of an incident (cancelled, expired, superseded), and with them all that waits; returns their ids.

    `below_version` ends earlier versions only. A cancel is never ended by this: "it is over" has its own expiry.
    In one transaction with the cancel or update that it is for. What had run out already stays expired: what came
    first is why its people were dropped.
    """
    chosen = [notice.c.incident_id == incident_id, notice.c.over.is_(None), notice.c.kind != Kind.CANCEL.value]
    if below_version is not None:
        chosen.append(notice.c.version < below_version)
    return _end(connection, and_(*chosen), why)


def set_outlets_over(connection: Connection, incident_id: int, below_number: int) -> None:
    """For outlets earlier messages are over, those of the same version too: this one, with its wider area, is theirs."""
    earlier = notice.c.incident_id == incident_id, notice.c.number < below_number, notice.c.kind != Kind.CANCEL.value
    ids = list(connection.scalars(select(notice.c.id).where(*earlier, _open(connection)).order_by(notice.c.id)))
    for notice_id in ids:
        alone(connection, Lock.NOTICE, notice_id)
    connection.execute(update(notice).where(notice.c.id.in_(ids)).values(outlets_over=True))
    for notice_id in ids:
        ledger.drop(connection, notice_id, OUTLETS)


def expire(connection: Connection) -> list[int]:
    """Ends every notice whose time has come, cancels as well; returns their ids. Sends stop at that time by themselves."""
    run_out = and_(notice.c.over.is_(None), notice.c.expires_at <= database_now(connection))
    return _end(connection, run_out, "expired")


def pause(connection: Connection, notice_id: int) -> None:
    """Nothing leaves until it is resumed; what is under way ends."""
    connection.execute(update(notice).where(notice.c.id == notice_id).values(paused=True))


def resume(connection: Connection, notice_id: int) -> None:
    connection.execute(update(notice).where(notice.c.id == notice_id).values(paused=False))


def hold(connection: Connection, notice_id: int, why: str) -> None:
    """Stops it until a person has looked; `why` is a plain sentence for that person."""
    connection.execute(
        update(notice).where(notice.c.id == notice_id, notice.c.over.is_(None)).values(state="held", held_why=why[:200])
    )


def release(connection: Connection, notice_id: int, *, reach: int) -> None:
    """A person looked and lets it go, for this reach: planned again from the start, the same guard asking."""
    connection.execute(
        update(notice)
        .where(notice.c.id == notice_id, notice.c.state == "held")
        .values(state="queued", held_why=None, reach=reach)
    )


def set_planned(connection: Connection, notice_id: int, *, matched: int, now: datetime) -> None:
    """The first match has been planned whole; nothing happens unless it is queued."""
    connection.execute(
        update(notice)
        .where(notice.c.id == notice_id, notice.c.state == "queued")
        .values(state="planned", planned_at=now, matched=matched)
    )


def _end(connection: Connection, chosen: ColumnElement[bool], why: str) -> list[int]:
    """Alone at the gate of each, the lower id first: what was started there is committed, nothing more will be."""
    ids = list(connection.scalars(select(notice.c.id).where(chosen).order_by(notice.c.id)))
    for notice_id in ids:
        alone(connection, Lock.NOTICE, notice_id)
    run_out = notice.c.expires_at <= database_now(connection)
    connection.execute(update(notice).where(notice.c.id.in_(ids)).values(over=case((run_out, "expired"), else_=why)))
    for notice_id in ids:
        ledger.drop(connection, notice_id)
    return ids


def _open(connection: Connection) -> Any:
    return and_(notice.c.test.is_(False), notice.c.over.is_(None), notice.c.expires_at > database_now(connection))


def _refuse_taken_version(connection: Connection, incident_id: int, version: int) -> None:
    taken = select(notice.c.id).where(notice.c.incident_id == incident_id, notice.c.version >= version)
    if connection.execute(taken.limit(1)).first() is not None:
        raise VersionTaken(f"version {version} was used before")


def _status(row: Row[Any]) -> NoticeStatus:
    repeats_on = None if row.repeats_on is None else tuple(row.repeats_on.split())
    return NoticeStatus(**{**row._asdict(), "kind": Kind(row.kind), "repeats_on": repeats_on})
