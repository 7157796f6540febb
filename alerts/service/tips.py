"""What people saw: taken while the alert is in force, opened for the officers of its agency alone, gone 30 days after.

Nothing of a tip is in the log of acts but its reference's hash and numbers, nor in any log, count or feed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from alerts import audit, confirmations, store, tip_box, tip_keys, tips
from alerts.agencies import Officer
from alerts.errors import NotFound, Over, TooOften
from alerts.incident import State
from alerts.reports import AlertRow
from alerts.service.chain import Case, open_case
from alerts.services import Services
from alerts.store import IncidentRow
from alerts.tip_box import Bound, CannotOpen, Said
from alerts.tips import Counted, Tip
from notifiers.transactions import reading, writing
from notifiers.vault import Damaged, KeyGone, Vault

log = structlog.get_logger()

May = Callable[[Connection], bool]
PURPOSE = "tips"
MOST = 500  # at once, on a page and in a download


@dataclass(frozen=True, slots=True)
class Read:
    """One tip as its agency sees it. `said` None: it is not ours to open, or its key is gone; then `box` is what there is."""

    row: Tip
    said: Said | None = field(repr=False)
    box: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tips:
    """Those of one case. `goes_at`: when they are deleted; None while it is not closed. `ours`: the house opens them."""

    counted: Counted
    goes_at: datetime | None
    ours: bool
    found: Sequence[Read] = ()
    bound_to: tuple[str, str] = ("", "")  # the alert's token, the agency's code


def secret(vault: Vault) -> bytes:
    """The installation's secret for hashes of networks and of forms; 64 bytes."""
    return vault.derive(PURPOSE, "networks and forms")


def send(services: Services, token: str, said: Said, *, form: bytes, client: str) -> str:
    """Keeps a tip for the alert's agency; its reference. By the same `form` again it is the same tip.

    NotFound; Over once nothing is in force; TooOften. `client`: the address it comes from, kept only as a keyed hash.
    """
    now = services.clock()
    network = confirmations.network_hash(secret(services.vault), client)
    with writing(services.engine) as connection:
        row = _in_force(connection, token, now)
        if known := tips.find_form(connection, form):
            return known
        if wait_s := tips.take(connection, row.id, network, now):
            raise TooOften(wait_s)
        return _add(connection, services, row, said, form)


def reader_of(services: Services, token: str) -> str:
    """The name of the agency whose officers read what is sent: the alert's text may name another. NotFound."""
    with reading(services.engine) as connection:
        row = store.find_incident(connection, token)
    if row is None:
        raise NotFound("there is no such alert")
    return row.agency_name


def was_taken(services: Services, token: str, reference: str) -> bool:
    """Whether there is such a tip of this alert. Nothing of it is told."""
    with reading(services.engine) as connection:
        row = store.find_incident(connection, token)
        return row is not None and tips.has(connection, row.id, reference)


def counted(services: Services, officer: Officer, alert_id: str) -> Counted:
    """How many came of an alert. NotFound."""
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
        return tips.count(connection, [case.row.id]).get(case.row.id, Counted())


def unread(services: Services, rows: Sequence[AlertRow]) -> dict[str, int]:
    """By the id of the alert, of those of which something is not marked as read. The rows are the officer's to see."""
    tokens = {row.id: row.page_path.rpartition("/")[2] for row in rows}
    with reading(services.engine) as connection:
        found = tips.count_unread(connection, tokens.values())
    return {key: found[token] for key, token in tokens.items() if token in found}


def look(services: Services, officer: Officer, alert_id: str, *, unread: bool = False, before: str = "") -> Tips:
    """The MOST newest tips of an alert, or the newest that came before one, opened; that they were is in the log of acts.
    NotFound, also for another agency's.
    """
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        rows = tips.list_tips(connection, case.row.id, unread=unread, before=before, limit=MOST)
        if rows:
            detail: audit.Detail = {"tips": len(rows), "newest": _digest(rows[0].reference)}
            who, ids = audit.by_officer(officer.id), {"incident_id": case.row.id, "message_id": message.id}
            audit.write(connection, who, "open tips", services.clock(), detail=detail, **ids)
        return _opened(connection, services, case, rows)


def mark_read(services: Services, officer: Officer, alert_id: str, reference: str) -> None:
    """By whom it was read; whoever was first stays. NotFound."""
    now = services.clock()
    with writing(services.engine) as connection:
        case, message = open_case(connection, officer, alert_id)
        done = tips.mark_read(connection, case.row.id, reference, officer.id, now)
        if done is None:
            raise NotFound("no such tip")
        if done:
            detail: audit.Detail = {"tip": _digest(reference)}
            who, ids = audit.by_officer(officer.id), {"incident_id": case.row.id, "message_id": message.id}
            audit.write(connection, who, "read tip", now, detail=detail, **ids)


def forget_due(services: Services, may: May = lambda _connection: True) -> int:
    """What was closed 30 days ago goes: the key first, then the rows; how many cases. Safe to repeat after a crash."""
    now = services.clock()
    with reading(services.engine) as connection:
        due = tips.list_due(connection, now)
    for incident_id in due:
        with writing(services.engine) as connection:
            if not may(connection):
                return 0
            services.vault.destroy(tips.key_name(incident_id))
            detail: audit.Detail = {"tips": tips.remove(connection, incident_id)}
            audit.write(connection, audit.SYSTEM, "delete tips", now, incident_id=incident_id, detail=detail)
    with writing(services.engine) as connection:
        if may(connection):
            tips.forget_networks(connection, now)
    if due:
        log.info("tips_deleted", incidents=due)
    return len(due)


def _in_force(connection: Connection, token: str, now: datetime) -> IncidentRow:
    row = store.find_incident(connection, token)
    told = [one for one in store.list_messages(connection, row.id) if one.approved_at] if row else []
    if row is None or not told:
        raise NotFound("there is no such alert")
    if row.ended_at is not None or not any(one.state == State.ACTIVE and one.expires_at > now for one in told):
        raise Over("this alert is over")
    return row


def _add(connection: Connection, services: Services, row: IncidentRow, said: Said, form: bytes) -> str:
    vault, now, reference = services.vault, services.clock(), tips.new_reference()
    key = tip_keys.current(connection, vault, row.agency_id, now)
    box = tip_box.seal(key.public, said, Bound(row.token, row.agency_code, reference))
    name = tips.key_name(row.id)
    if not vault.exists(name):
        vault.create(name)
    own = {"reference": reference, "incident_id": row.id, "key_id": key.id, "form_hash": form}
    tips.add(connection, **own, sealed=vault.seal(name, box), created_at=now)
    return reference


def _opened(connection: Connection, services: Services, case: Case, rows: Sequence[Tip]) -> Tips:
    row, vault = case.row, services.vault
    key = tip_keys.find(connection, row.agency_id)
    keys = tip_keys.private_keys(connection, vault, row.agency_id)
    read = partial(_read, vault, row, keys)
    return Tips(
        counted=tips.count(connection, [row.id]).get(row.id, Counted()),
        goes_at=row.ended_at + tips.KEPT if row.ended_at else None,
        ours=key is None or key.ours,
        found=[read(one) for one in rows],
        bound_to=(row.token, row.agency_code),
    )


def _read(vault: Vault, row: IncidentRow, keys: Mapping[int, bytes], one: Tip) -> Read:
    try:
        box = vault.open(tips.key_name(row.id), one.sealed)
    except (KeyGone, Damaged):
        return Read(one, None, None)
    try:
        said = tip_box.open_box(keys[one.key_id], box, Bound(row.token, row.agency_code, one.reference))
    except (KeyError, CannotOpen):
        return Read(one, None, box)
    return Read(one, said, None)


def _digest(reference: str) -> str:
    return hashlib.sha256(reference.encode()).hexdigest()
