"""`lookout canary`: addresses of the operator's own that get the self-tests, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import click

from alerts.commands.data import data_option, mode_option, opened, settings_for
from alerts.services import utc_now

KINDS = ("web_push", "unified_push", "email", "inbox", "fcm", "apns", "webhook", "sms")


@click.group(help="Addresses of your own that get a self-test every three minutes, and nothing else, ever.")
def command() -> None:
    """Nothing by itself."""


@command.command(help="Add a canary: CHANNEL and its ADDRESS as a JSON object, as in enrolments ({} for the inbox).")
@click.argument("channel", type=click.Choice(KINDS))
@click.argument("address", default="{}")
@data_option
@mode_option
def add(channel: str, address: str, data: Path, mode: str | None) -> None:
    from alerts import canaries
    from notifiers import addresses
    from notifiers.vault import Vault

    settings = settings_for(data, mode)
    members = _members(address)
    with opened(settings) as connection:
        secret = addresses.secret(Vault(settings.keys_directory))
        try:
            number = canaries.add(connection, channel, members, secret=secret, now=utc_now())
        except (KeyError, ValueError):
            raise click.UsageError(f"this is no address of {channel}: see docs/import-users.md") from None
    if number is None:
        raise click.UsageError("this address is enrolled already, or left")
    click.echo(f"canary {number} gets a self-test over {channel} every three minutes")


@command.command("list", help="All canaries with their numbers, never their addresses.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from alerts import canaries

    with opened(settings_for(data, mode)) as connection:
        for one in canaries.list_all(connection):
            click.echo(f"{one.id}\t{one.channel}\t{one.origin}\t{one.retired_why or 'in use'}")


@command.command(help="The canary of this NUMBER (see list) gets nothing any more.")
@click.argument("number", type=click.IntRange(1))
@data_option
@mode_option
def remove(number: int, data: Path, mode: str | None) -> None:
    from alerts import canaries

    with opened(settings_for(data, mode)) as connection:
        found = canaries.remove(connection, number)
    if not found:
        raise click.UsageError(f"there is no canary {number}")
    click.echo(f"canary {number} is gone")


def _members(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise click.UsageError("write the address as a JSON object of texts")
    return found
