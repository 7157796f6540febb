"""Whether a photo is known: from another alert that lives, or from one that has ended.

While an alert lives, the hashes of its photos lie sealed under its incident's key, and two pictures are the same up to
31 differing bits. The end destroys the key and the hashes with it; what is left are tags that tell nothing
(`alerts.photo_tags`), by which the same picture is known again for a year, though no longer what it shows or whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alerts import pdq, photo_prints, photo_tags
from alerts.model import Alert, Problem, Severity, Status
from alerts.photo import Pictures
from alerts.photo_prints import Print
from alerts.service.photos import secret
from alerts.services import Services
from notifiers.transactions import reading
from notifiers.vault import Damaged, KeyGone, Vault


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo to be looked for: where the record names it, its hash, whether it is meant to be shown again."""

    path: str
    bits: bytes
    again: bool


def known_photos(
    services: Services, agency_id: int, alert: Alert, pictures: Sequence[Pictures], incident_id: int | None
) -> tuple[Problem, ...]:
    """What is to be said of new photos, before they are stored. An error holds them: nobody has confirmed them yet."""
    photos = [(n, one) for n, one in enumerate(alert.record.photos if alert.record else ()) if one.photo_id is None]
    seen = [
        _Seen(f"/photos/{n}", picture.pdq.bits, photo.again)
        for (n, photo), picture in zip(photos, pictures, strict=False)
        if picture.pdq.tells
    ]
    if not seen:
        return ()
    with reading(services.engine) as connection:
        return _told(services, connection, agency_id, alert.status, seen, incident_id)


def known_held(
    services: Services, connection: Connection, agency_id: int, alert: Alert, incident_id: int
) -> tuple[Problem, ...]:
    """The same of the photos that a stored message holds: for whoever is to approve it, as things stand now."""
    named = {one.photo_id: n for n, one in enumerate(alert.record.photos if alert.record else ())}
    own = [one for one in photo_prints.list_own(connection, incident_id) if one.photo_id in named]
    opened = [(named[one.photo_id], _bits(services.vault, one)) for one in own]
    seen = [_Seen(f"/photos/{n}", bits, again=True) for n, bits in opened if bits is not None]
    return _told(services, connection, agency_id, alert.status, seen, incident_id) if seen else ()


def forget(connection: Connection, services: Services) -> int:
    """Photos of alerts that ended too long ago are known no more; how many."""
    return photo_prints.forget(connection, _since(services))


def _since(services: Services) -> datetime:
    return services.clock() - timedelta(seconds=services.settings.photo_memory_s)


def _told(  # what is looked for, for whom, and where not
    services: Services,
    connection: Connection,
    agency_id: int,
    status: str,
    seen: Sequence[_Seen],
    incident_id: int | None,
) -> tuple[Problem, ...]:
    others = photo_prints.list_others(connection, incident_id or 0, _since(services))
    living = [(one, _bits(services.vault, one)) for one in others if one.ended_at is None]
    ended = [one for one in others if one.ended_at is not None]
    found: list[Problem] = []
    for one in seen:
        found += _in_living(one, living, agency_id)
        tags = photo_tags.make(one.bits, secret(services.vault)) if ended else b""
        latest = max((old.ended_at for old in ended if old.ended_at and photo_tags.alike(old.tags, tags)), default=None)
        if latest is not None:
            found.append(_again(one, latest, status))
    return tuple(dict.fromkeys(found))


def _bits(vault: Vault, one: Print) -> bytes | None:
    try:
        return vault.open(one.key_name, one.sealed_pdq) if one.sealed_pdq else None
    except (KeyGone, Damaged):
        return None


def _in_living(seen: _Seen, living: Sequence[tuple[Print, bytes | None]], agency_id: int) -> Iterator[Problem]:
    for other, bits in living:
        if bits is not None and pdq.distance(seen.bits, bits) <= pdq.SAME_BITS:
            said = f"the same photo stands in {_named(other, agency_id)}: is it the same child?"
            yield Problem.warning("photo.known", seen.path, said)


def _named(other: Print, agency_id: int) -> str:
    """An alert of another agency that nobody was told of yet stays unnamed."""
    if other.agency_id == agency_id:
        return f"the alert {other.reference}"
    return f"an alert of {other.agency_name}" if other.told else "an alert that another agency prepares"


def _again(seen: _Seen, ended_at: datetime, status: str) -> Problem:
    """Held until a person confirms it; in a drill, where the same drawing comes every month, it is only said."""
    said = f"the same photo was in an alert that ended on {ended_at:%Y-%m-%d}"
    if seen.again or status != Status.ACTUAL:
        return Problem(Severity.WARNING, "photo.again", seen.path, f"{said}: it is shown again")
    return Problem(
        Severity.ERROR,
        "photo.held",
        seen.path,
        f"{said}: it is held until somebody who looked says that it is meant again",
    )
