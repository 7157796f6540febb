"""`lookout import-users`: a partner's people from a file, with progress and a report of the rejected rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import data_option, mode_option, settings_for
from alerts.roll import NotARoll, Rejected
from alerts.services import utc_now
from alerts.settings import Settings

if TYPE_CHECKING:
    from alerts.imports import Report
    from alerts.roll_csv import CsvRoll
    from alerts.roll_geo import GeoRoll


@click.command(
    help="Enrol the people of FILE: CSV, GeoJSON or GeoParquet (see docs/import-users.md). A row without consent is "
    "rejected; people who are enrolled already are brought up to date."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partner", required=True, help="Whose people they are.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the rejected rows.")
@data_option
@mode_option
def command(file: Path, partner: str, report: Path | None, data: Path, mode: str | None) -> None:
    from alerts import partners
    from alerts.imports import Report

    if not partners.is_name(partner):
        raise click.UsageError(f"--partner: {partners.NAMES_ARE}")
    roll, done = _open(file), Report()
    try:
        _enrol(settings_for(data, mode), roll, partner, done)
        fault = None
    except NotARoll as found:
        fault = found
    _tell(done, report or file.with_suffix(".rejected.csv"), roll.unused)
    if fault:
        raise click.UsageError(f"{file}: {fault}{_so_far(done)}") from None


def _open(file: Path) -> CsvRoll | GeoRoll:
    """By its suffix; what has none of those of GeoJSON and GeoParquet is CSV."""
    from alerts.roll_csv import CsvRoll
    from alerts.roll_geo import GEOJSON, GEOPARQUET, GeoRoll

    return GeoRoll(file) if file.suffix.lower() in (*GEOJSON, *GEOPARQUET) else CsvRoll(file)


def _enrol(settings: Settings, roll: CsvRoll | GeoRoll, partner: str, report: Report) -> None:
    """Reads, checks and stores with a bar on standard error; the bar follows the place in the file."""
    from tqdm import tqdm

    from alerts import imports
    from alerts.commands.data import engine_of
    from alerts.roll import people
    from notifiers import addresses
    from notifiers.vault import Vault

    now = utc_now()
    bar = tqdm(desc="enrolling", bar_format="{desc} {bar} {percentage:3.0f} % {elapsed}", leave=False, disable=None)

    def show(_so_far: Report) -> None:
        bar.total = roll.total
        bar.update(roll.done - bar.n)

    with engine_of(settings) as engine, bar:
        imports.enrol(
            engine,
            people(roll.rows(), now),
            partner=partner,
            secret=addresses.secret(Vault(settings.keys_directory)),
            now=now,
            progress=show,
            report=report,
        )


def _tell(done: Report, rejected_to: Path, unused: tuple[str, ...]) -> None:
    if unused:
        click.echo(f"columns that mean nothing here were not read: {', '.join(unused)}", err=True)
    if done.rejected:
        _write(rejected_to, done.rejected)
    click.echo(
        f"{done.people} people with {done.subscriptions} subscriptions enrolled, {done.updated} brought up to date, "
        f"{len(done.rejected)} rejected"
    )
    if done.rejected:
        click.echo(f"the rejected rows, each with its line and reasons: {rejected_to}")


def _so_far(done: Report) -> str:
    if not done.people + done.updated:
        return "; nobody was enrolled"
    return "; who stands before it is enrolled, and the same file mended doubles nobody"


def _write(to: Path, rejected: list[Rejected]) -> None:
    """Lines and reasons only: nothing of the rows themselves."""
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "reasons"))
        writer.writerows((one.line, "; ".join(one.reasons)) for one in sorted(rejected, key=lambda one: one.line))
