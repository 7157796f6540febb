"""`lookout partner`: platforms that tell where their own people are, and their keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import data_option, mode_option, opened, settings_for
from alerts.commands.seconded import change_option, must_be_allowed
from alerts.services import utc_now

if TYPE_CHECKING:
    from alerts.partners import KeyRow

DAY_S = 24 * 60 * 60


@click.group(
    help="Partner platforms and their keys: a key may tell where that partner's own people are, and nothing else."
)
def command() -> None:
    """Nothing by itself."""


@command.command(help="Issue a key for the partner NAME, who is added if new. The key is shown this once.")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3650), help="For how long it is good.  [default: until it is revoked]")
@change_option
@data_option
@mode_option
def create(name: str, days: int | None, change: str | None, data: Path, mode: str | None) -> None:
    from alerts import partners

    now = utc_now()
    if not partners.is_name(name):
        raise click.UsageError(partners.NAMES_ARE)
    settings, words = settings_for(data, mode), ["--days", days] if days else []
    with opened(settings) as connection:
        must_be_allowed(connection, settings, change, "partner", "create", name, *words)
        partner = partners.find(connection, name) or partners.add(connection, name, now)
        key = partners.issue_key(connection, partner.id, now, lifetime_s=days * DAY_S if days else None)
    click.echo(f"API key of {name} (shown this once): {key}")


@command.command("list", help="All keys with their numbers, never the keys themselves.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from alerts import partners

    now = utc_now()
    with opened(settings_for(data, mode)) as connection:
        keys = partners.list_keys(connection)
    for key in keys:
        click.echo(f"{key.id}\t{key.partner}\tissued {key.created_at:%Y-%m-%d}\t{_standing(key, now)}")


@command.command(help="The key of this NUMBER (see list) opens nothing any more.")
@click.argument("number", type=click.IntRange(1))
@data_option
@mode_option
def revoke(number: int, data: Path, mode: str | None) -> None:
    from alerts import partners

    with opened(settings_for(data, mode)) as connection:
        done = partners.revoke_key(connection, number, utc_now())
    if not done:
        raise click.UsageError(f"there is no key {number} that opens anything")
    click.echo(f"key {number} is revoked")


def _standing(key: KeyRow, now: datetime) -> str:
    if key.revoked_at:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "good until it is revoked"
    return f"{'good until' if key.expires_at > now else 'expired'} {key.expires_at:%Y-%m-%d}"
