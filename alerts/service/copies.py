"""Forms that keep themselves: what an officer typed and has not submitted, so that no crash and no sign-out loses it.

A copy belongs to one officer and one opened form. That of a new alert is sealed under a key of its own, that of a
change under the incident's: it goes with the case. It is gone once it was submitted or discarded, and after `LIVES`.
Nothing of it counts as submitted; but whoever takes over words that another typed is not their only author (`co_authors`).
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import working_copies
from alerts.agencies import Officer
from alerts.errors import Conflict, Over, Refused
from alerts.model import Problem
from alerts.service import kept
from alerts.service.chain import open_case
from alerts.service.end import May, always
from alerts.services import Services
from alerts.working_copies import CopyRow
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

LIVES = timedelta(hours=24)
MOST = 20  # of one officer: the oldest goes
_ELSEWHERE = "you went on with this form in another window: what you type here stands only here"
_CLOSED = "this form was submitted or discarded"
NO_KEY = "copy-none"  # of what was closed before anything of it was kept
_FORM = re.compile(r"[0-9a-f]{24}")
_OWN = {"identifier", "sent_at", "seen", "add", "draft", "radius_unit", "abduction.zone", "place_search", "step"}

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it is: its values, and its photos (None: as they were when it was kept last).

    `since`: when it was kept last as far as its page knows; None: it does not, and takes the place of what there is.
    """

    values: Values
    photos: Sequence[bytes] | None = field(default=None, repr=False)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One that is kept. `incident_id` None: of a new alert."""

    form: str
    values: Values = field(repr=False)
    photos: tuple[bytes, ...] = field(repr=False)
    saved_at: datetime
    incident_id: int | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """The incident a form is about, and the key its copies are sealed under; of a new alert neither is there yet."""

    incident_id: int | None = None
    key_name: str | None = None


def keep(services: Services, officer: Officer, form: str, typed: Typed, alert_id: str | None = None) -> datetime:
    """The form as it is now, whatever is wrong or missing in it; when it was kept.

    Refused where `form` is no form of ours, NotFound and Over for its alert, Conflict once it is closed, or was kept
    from another window since.
    """
    whose, row = _whose(services, officer, alert_id), _find(services, officer, checked(form))
    if row is not None and row.closed_at is not None:
        raise Conflict(_CLOSED)
    key_name = row.key_name if row else whose.key_name or _new_key(services)
    try:
        return _keep(services, officer, form, typed, Whose(whose.incident_id, key_name))
    except BaseException:
        if row is None and whose.key_name is None:
            services.vault.destroy(key_name)
        raise


def find(services: Services, officer: Officer, form: str, alert_id: str | None = None) -> Copy | None:
    """What this officer kept of that form, for this alert's incident; None where it is gone, or of another."""
    whose, row = _whose(services, officer, alert_id), _find(services, officer, form)
    if row is None or row.use != officer.use or row.closed_at or row.incident_id != whose.incident_id:
        return None
    return _opened(services, row)


def list_kept(services: Services, officer: Officer, alert_id: str | None = None) -> list[Copy]:
    """What this officer kept for an alert's incident (None: for new alerts), the newest first."""
    whose = _whose(services, officer, alert_id)
    with reading(services.engine) as connection:
        rows = working_copies.list_kept(connection, officer.id, officer.use.value)
    found = (_opened(services, row) for row in rows if row.incident_id == whose.incident_id)
    return [copy for copy in found if copy is not None]


@contextmanager
def submitting(services: Services, officer: Officer, form: str) -> Iterator[None]:
    """What is stored within closes the form in its own transaction; what is refused leaves it open."""

    def write(connection: Connection, _left: object) -> None:
        _close(connection, services, officer, form)

    with kept.beside(write):
        yield
    close(services, officer, form)


def close(services: Services, officer: Officer, form: str) -> None:
    """It was submitted, or is wanted no more; what of it comes late is refused."""
    with writing(services.engine) as connection:
        row = _close(connection, services, officer, form)
    if row is not None and row.has_own_key:
        services.vault.destroy(row.key_name)


def _close(connection: Connection, services: Services, officer: Officer, form: str) -> CopyRow | None:
    row, now = working_copies.find(connection, officer.id, form), services.clock()
    if row is not None and row.closed_at is None:
        working_copies.close(connection, row.id, now)
    elif row is None and _FORM.fullmatch(form):
        own = {"officer_id": officer.id, "form": form, "use": officer.use.value, "key_name": NO_KEY}
        working_copies.add(connection, **own, saved_at=now, here_at=now, closed_at=now)
    return row


def expire(services: Services, may: May = always) -> int:
    """Copies whose time is over or whose alert has ended go, with their keys; how many. Also what a crash left of them."""
    oldest = services.clock() - LIVES
    with reading(services.engine) as connection:
        due = working_copies.list_due(connection, oldest)
    for row in due:
        if row.has_own_key and services.vault.exists(row.key_name):
            services.vault.destroy(row.key_name)
    gone = [row.id for row in due if row.closed_at is None or row.closed_at < oldest]
    with writing(services.engine) as connection:
        if gone and may(connection):
            working_copies.remove(connection, gone)
    return len(gone)


def co_authors(services: Services, officer: Officer, alert_id: str, form: str, values: Values) -> frozenset[int]:
    """The officers whose own unsubmitted words stand in these values, now or when the form was last kept."""
    whose = _whose(services, officer, alert_id)
    with reading(services.engine) as connection:
        row = working_copies.find(connection, officer.id, form)
        others = working_copies.list_beside(connection, whose.incident_id or 0, officer.id)
    return _noted(row) | took_over(services, others, values)


def _keep(services: Services, officer: Officer, form: str, typed: Typed, whose: Whose) -> datetime:
    now, vault, key_name = services.clock(), services.vault, whose.key_name or ""
    sealed = {"sealed": vault.seal(key_name, json.dumps(dict(typed.values)).encode())}
    if typed.photos is not None:
        texts = [base64.b64encode(photo).decode() for photo in typed.photos]
        sealed["sealed_photos"] = vault.seal(key_name, json.dumps(texts).encode())
    with writing(services.engine) as connection:
        row = working_copies.find(connection, officer.id, form)
        if row is not None and row.closed_at is not None:
            raise Conflict(_CLOSED)
        if row is not None and (row.key_name, row.incident_id) != (key_name, whose.incident_id):
            raise Conflict("this form is of another alert, or was begun at the same moment")
        if row is not None and typed.since is not None and typed.since != row.saved_at:
            raise Conflict(_ELSEWHERE)
        others = working_copies.list_beside(connection, whose.incident_id or 0, officer.id)
        took = _noted(row) | took_over(services, others, typed.values)
        known = {"saved_at": now, "here_at": now, "co_authors": _words(took)}
        if row is not None:
            working_copies.change(connection, row.id, **sealed, **known)
            return now
        own = {"officer_id": officer.id, "form": form, "use": officer.use.value, "incident_id": whose.incident_id}
        working_copies.add(connection, **own, key_name=key_name, **sealed, **known)
        _drop_oldest(connection, services, officer)
    return now


def took_over(services: Services, others: Iterable[CopyRow], values: Values) -> frozenset[int]:
    """Pure but for the vault. What two typed alike counts as taken over: in doubt somebody is an author."""
    found = set()
    for row in others:
        theirs, base = (
            open_values(services, row.key_name, row.sealed),
            open_values(services, row.key_name, row.sealed_base),
        )
        if any(_same(text, values.get(name, "")) for name, text in changed(base, theirs).items() if text):
            found.add(row.officer_id)
    return frozenset(found)


def changed(before: Values, after: Values) -> dict[str, str]:
    """What `after` says otherwise, by name; a browser ends lines in its own way. Nothing where either is not known."""
    if not before or not after:
        return {}
    names = filter(is_said, dict.fromkeys((*before, *after)))
    return {name: after.get(name, "") for name in names if not _same(before.get(name, ""), after.get(name, ""))}


def is_said(name: str) -> bool:
    """Whether a field of this name says something of the alert; others are the form's own."""
    return name not in _OWN and not name.startswith(("keep.", "photo"))


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def open_values(services: Services, key_name: str, sealed: bytes | None) -> dict[str, str]:
    """Empty once its key is gone."""
    try:
        return dict(json.loads(services.vault.open(key_name, sealed))) if sealed else {}
    except KeyGone:
        return {}


def _opened(services: Services, row: CopyRow) -> Copy | None:
    values = open_values(services, row.key_name, row.sealed)
    if not values or row.saved_at < services.clock() - LIVES:
        return None
    try:
        texts = json.loads(services.vault.open(row.key_name, row.sealed_photos)) if row.sealed_photos else []
    except KeyGone:
        return None
    photos = tuple(base64.b64decode(text) for text in texts)
    return Copy(row.form, values, photos, row.saved_at, row.incident_id)


def _whose(services: Services, officer: Officer, alert_id: str | None) -> Whose:
    if alert_id is None:
        return Whose()
    with reading(services.engine) as connection:
        case, _ = open_case(connection, officer, alert_id)
    if case.row.ended_at is not None:
        raise Over("the alert is over; nothing of it is kept")
    return Whose(case.row.id, case.row.key_name)


def _find(services: Services, officer: Officer, form: str) -> CopyRow | None:
    with reading(services.engine) as connection:
        return working_copies.find(connection, officer.id, form)


def _drop_oldest(connection: Connection, services: Services, officer: Officer) -> None:
    """Closed here; the sweep destroys their keys within the minute."""
    for row in working_copies.list_kept(connection, officer.id, officer.use.value)[MOST:]:
        working_copies.close(connection, row.id, services.clock())


def _new_key(services: Services) -> str:
    name = f"copy-{secrets.token_hex(16)}"
    services.vault.create(name)
    return name


def checked(form: str) -> str:
    if not _FORM.fullmatch(form):
        raise Refused([Problem.error("form.unknown", "/identifier", "this is no form of ours")])
    return form


def _noted(row: CopyRow | None) -> frozenset[int]:
    return frozenset(map(int, row.co_authors.split())) if row else frozenset()


def _words(ids: Iterable[int]) -> str:
    return " ".join(map(str, sorted(ids)[:20]))
