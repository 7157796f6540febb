"""What makes keys on the machine of a live house: allowed once, by two administrators in the console."""

from __future__ import annotations

import hashlib
import shlex

import click
from sqlalchemy import Connection

from alerts.services import utc_now
from alerts.settings import Settings

change_option = click.option("--change", help="In a live house: the change by which two administrators allowed this.")


def must_be_allowed(connection: Connection, settings: Settings, change: str | None, *words: object) -> None:
    """Spends the change, in the transaction that makes the key; UsageError with what to ask for where there is none."""
    from alerts import audit, changes

    said, now = shlex.join(map(str, words)), utc_now()
    if settings.sandbox:
        return
    if change is None or not changes.spend(connection, change, said, now):
        raise click.UsageError(
            "in a live house two administrators allow this first, in the console under Administration, "
            f"“A command on the machine”: {said}"
        )
    audit.write(connection, audit.SYSTEM, "machine_command", now, detail={"change": change})


def fingerprint(secret: str) -> str:
    """What stands for a secret in the words of a command: two people compare it, nobody reads it back."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:16]
