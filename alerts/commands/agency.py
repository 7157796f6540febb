"""`lookout agency`: who may issue alerts, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from alerts.commands.data import data_option, mode_option, opened, refuse_live, settings_for
from alerts.services import utc_now


@click.command(
    help="Add an agency. PLACES are the SAME or FIPS codes of the counties and states it is responsible for."
)
@click.argument("code")
@click.argument("name")
@click.argument("places", nargs=-1, required=True)
@click.option("--sender", required=True, help="CAP sender of its alerts, such as alerts@police.example.org.")
@click.option("--programme", default="us-amber", show_default=True, help="The programme it issues under.")
@data_option
@mode_option
def command(
    code: str, name: str, places: tuple[str, ...], sender: str, programme: str, data: Path, mode: str | None
) -> None:
    from alerts import agencies
    from geo.places import Gazetteer, UnknownPlace
    from geo.shapes import Shape

    gazetteer = Gazetteer.load()
    try:
        jurisdiction = Shape().union(*(gazetteer.get(place) for place in places))
    except UnknownPlace as unknown:
        raise click.UsageError(str(unknown)) from None
    row: dict[str, Any] = {"code": code, "name": name, "sender": sender, "programme": programme}
    settings = settings_for(data, mode)
    refuse_live(settings)
    with opened(settings) as connection:
        if agencies.find_agency(connection, code):
            raise click.UsageError(f"there is an agency {code} already")
        agencies.add_agency(connection, **row, jurisdiction=jurisdiction, now=utc_now())
    click.echo(f"added {code}: {name}")
