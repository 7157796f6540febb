"""`lookout outlet`: signs, displays and posts of the operator's own, told of alerts around where they stand."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import data_option, mode_option, opened, settings_for
from alerts.commands.seconded import change_option, fingerprint, must_be_allowed
from alerts.services import utc_now

MOST_RADIUS_M = 500_000.0


class LonLat(click.ParamType[tuple[float, float]]):
    """LON,LAT in degrees."""

    name = "LON,LAT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        try:
            lon, lat = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail("write LON,LAT, such as -104.99,39.74", param, ctx)
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            self.fail("longitude first, from -180 to 180; then latitude, from -90 to 90", param, ctx)
        return lon, lat


@click.group(help="Signs, displays and posts of your own, told of alerts around where they stand.")
def command() -> None:
    """Nothing by itself."""


@command.command(
    help="Add an outlet. What it is told (area, plate, link) others see and keep: never a name or a photo."
)
@click.option("--channel", type=click.Choice(["mqtt", "apprise"]), required=True)
@click.option("--to", prompt=True, hide_input=True, help="Topic prefix or Apprise URL; asked for unless given.")
@click.option("--at", type=LonLat(), required=True, help="Where it stands.")
@click.option("--radius-m", type=click.FloatRange(0, MOST_RADIUS_M), default=0.0, show_default=True, help="Around it.")
@click.option("--language", default="en", show_default=True, help="BCP 47.")
@click.option("--test", is_flag=True, help="Told of tests and exercises too.")
@change_option
@data_option
@mode_option
def add(  # noqa: PLR0913, PLR0917  # click gives each option by name
    channel: str,
    to: str,
    at: tuple[float, float],
    radius_m: float,
    language: str,
    test: bool,
    change: str | None,
    data: Path,
    mode: str | None,
) -> None:
    from alerts import outlet_rows
    from alerts.languages import known_language
    from notifiers import addresses
    from notifiers.vault import Vault

    settings = settings_for(data, mode)
    try:
        tag = known_language(language)
    except ValueError as fault:
        raise click.UsageError(f"--language {fault}") from None
    outlet = outlet_rows.Outlet(channel, to, *at, radius_m, tag, test)
    if said := outlet_rows.wrong(outlet, sandbox=settings.sandbox):
        raise click.UsageError(said)
    if channel == "mqtt" and not settings.mqtt_host:
        raise click.UsageError("LOOKOUT_MQTT_HOST names no broker")
    words: list[object] = ["outlet", "add", "--channel", channel, "--to", fingerprint(to), "--at", f"{at[0]},{at[1]}"]
    words += ["--radius-m", radius_m, "--language", tag, *(["--test"] if test else [])]
    with opened(settings) as connection:
        must_be_allowed(connection, settings, change, *words)
        secret = addresses.secret(Vault(settings.keys_directory))
        number = outlet_rows.add(connection, outlet, secret, utc_now())
    if number is None:
        raise click.UsageError("this outlet is there already, or what it was revoked with is still being cleared")
    click.echo(f"outlet {number} is added")


@command.command("list", help="All outlets with their numbers, never where they lead.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from alerts import outlet_rows

    with opened(settings_for(data, mode)) as connection:
        rows = outlet_rows.list_all(connection)
    for row in rows:
        told = "tests too" if row.test else "real alerts"
        standing = f"retired: {row.retired_why}" if row.retired_why else "told"
        click.echo(f"{row.id}\t{row.channel}\t{row.language}\tadded {row.created_at:%Y-%m-%d}\t{told}\t{standing}")


@command.command(help="The outlet of this NUMBER (see list) is told nothing more.")
@click.argument("number", type=click.IntRange(1))
@data_option
@mode_option
def revoke(number: int, data: Path, mode: str | None) -> None:
    from alerts import outlet_rows

    with opened(settings_for(data, mode)) as connection:
        done = outlet_rows.revoke(connection, number, utc_now())
    if not done:
        raise click.UsageError(f"there is no outlet {number}")
    click.echo(f"outlet {number} is revoked")
