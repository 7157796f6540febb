"""Photos of an incident in the store: sealed, each in two sizes and three formats, with what it is known again by."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from alerts import photo_tags, store
from alerts.compose import HeldPhoto
from alerts.errors import Refused
from alerts.model import Alert, Problem, Severity
from alerts.photo import Pictures
from alerts.store import SealedPhoto
from notifiers.vault import Vault


def store_photos(
    connection: Connection, vault: Vault, incident_id: int, key_name: str, given: Sequence[Pictures]
) -> list[HeldPhoto]:
    """Seal and store; what the alert is to know of each."""
    return [
        HeldPhoto(store.add_photo(connection, incident_id, _sealed(vault, key_name, one)), len(one.full_jpeg))
        for one in given
    ]


def secret(vault: Vault) -> bytes:
    """What photos' tags are keyed with."""
    return vault.derive(photo_tags.KEY_NAME, photo_tags.PURPOSE)


def check_held(connection: Connection, incident_id: int, alert: Alert) -> None:
    """Photos that a record names by id must be this incident's own; Refused."""
    named = [photo.photo_id for photo in alert.record.photos] if alert.record else []
    own = store.size_photos(connection, incident_id)
    problems = [
        Problem(Severity.ERROR, "photo.unknown", f"/photos/{n}/photo_id", "no photo of this alert has this number")
        for n, photo_id in enumerate(named)
        if photo_id is not None and photo_id not in own
    ]
    if problems:
        raise Refused(problems)


def _sealed(vault: Vault, key_name: str, one: Pictures) -> SealedPhoto:
    return SealedPhoto(
        small_jpeg=vault.seal(key_name, one.small_jpeg),
        small_webp=vault.seal(key_name, one.small_webp),
        full_jpeg=vault.seal(key_name, one.full_jpeg),
        full_webp=vault.seal(key_name, one.full_webp),
        width=one.width,
        height=one.height,
        small_avif=vault.seal(key_name, one.small_avif),
        full_avif=vault.seal(key_name, one.full_avif),
        pdq=vault.seal(key_name, one.pdq.bits) if one.pdq.tells else None,
        tags=photo_tags.make(one.pdq.bits, secret(vault)) if one.pdq.tells else None,
    )
