"""`lookout webhook`: partners' servers that get alerts, each with a secret of its own."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import data_option, mode_option, opened, settings_for
from alerts.commands.seconded import change_option, must_be_allowed
from alerts.services import utc_now
from alerts.settings import Settings

MOST_M = 50_000.0


@click.group(help="Partners' servers that get alerts as signed webhooks (Standard Webhooks 1.0).")
def command() -> None:
    """Nothing by itself."""


@command.command(help="Tell ENDPOINT of alerts that touch a circle. Its secret is shown this once.")
@click.argument("endpoint")
@click.option("--partner", required=True, help="Whose server it is.")
@click.option("--lon", type=click.FloatRange(-180, 180), required=True, help="Degrees.")
@click.option("--lat", type=click.FloatRange(-90, 90), required=True, help="Degrees.")
@click.option("--radius-m", type=click.FloatRange(0, MOST_M), required=True, help="Metres around that point.")
@click.option("--test", is_flag=True, help="Also for Test, Exercise and System messages.")
@change_option
@data_option
@mode_option
def add(  # noqa: PLR0913, PLR0917 -- click gives them
    endpoint: str,
    partner: str,
    lon: float,
    lat: float,
    radius_m: float,
    test: bool,
    change: str | None,
    data: Path,
    mode: str | None,
) -> None:
    from alerts import partners, webhooks
    from notifiers.vault import Vault

    settings = settings_for(data, mode)
    if not partners.is_name(partner):
        raise click.UsageError(f"--partner: {partners.NAMES_ARE}")
    _must_be_callable(settings, endpoint)
    circle, vault = webhooks.Circle(lon, lat, radius_m), Vault(settings.keys_directory)
    wanted = webhooks.Wanted(endpoint, partner, circle, test)
    try:
        with opened(settings) as connection:
            words: list[object] = ["webhook", "add", endpoint, "--partner", partner, "--lon", lon, "--lat", lat]
            words += ["--radius-m", radius_m, *(["--test"] if test else [])]
            must_be_allowed(connection, settings, change, *words)
            issued = webhooks.add(connection, vault, wanted, utc_now())
    except webhooks.NotAdded as why:
        raise click.UsageError(str(why)) from None
    click.echo(f"webhook {issued.id} of {partner}; its secret (shown this once): {issued.secret}")


@command.command(help="A new secret for the webhook of this NUMBER; the old one signs beside it for 24 hours.")
@click.argument("number", type=click.IntRange(1))
@change_option
@data_option
@mode_option
def rotate(number: int, change: str | None, data: Path, mode: str | None) -> None:
    from alerts import webhooks
    from notifiers.vault import Vault

    settings = settings_for(data, mode)
    with opened(settings) as connection:
        must_be_allowed(connection, settings, change, "webhook", "rotate", number)
        issued = webhooks.rotate(connection, Vault(settings.keys_directory), number, utc_now())
    if issued is None:
        raise click.UsageError(f"there is no webhook {number}")
    click.echo(f"new secret of webhook {number} (shown this once): {issued.secret}")


@command.command(help="The webhook of this NUMBER is told nothing more.")
@click.argument("number", type=click.IntRange(1))
@data_option
@mode_option
def revoke(number: int, data: Path, mode: str | None) -> None:
    from alerts import webhooks

    with opened(settings_for(data, mode)) as connection:
        done = webhooks.revoke(connection, number, utc_now())
    if not done:
        raise click.UsageError(f"there is no webhook {number}")
    click.echo(f"webhook {number} is revoked")


@command.command("list", help="All webhooks with their numbers, never their secrets or whole addresses.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from alerts import webhooks

    with opened(settings_for(data, mode)) as connection:
        hooks = webhooks.list_hooks(connection)
    for hook in hooks:
        standing = f"retired: {hook.retired_why}" if hook.retired_why else "told of alerts"
        click.echo(f"{hook.id}\t{hook.partner}\t{hook.origin}\t{standing}{' and of tests' if hook.test else ''}")


def _must_be_callable(settings: Settings, endpoint: str) -> None:
    """A first look; the guard judges the resolved address again at every call."""
    from alerts.outlets.kit import make_guard
    from notifiers.guard import Refused

    try:
        make_guard(settings).allow_url(endpoint)
    except Refused as refused:
        raise click.UsageError(f"ENDPOINT is nowhere that may be called: {refused.reason}") from None
