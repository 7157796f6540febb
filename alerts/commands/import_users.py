"""`lookout import-users`: a partner's people from CSV, with progress and a report of the rejected rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from alerts.commands.data import data_option, mode_option, settings_for
from alerts.roll import NotARoll, Rejected
from alerts.services import utc_now
from alerts.settings import Settings

if TYPE_CHECKING:
    from alerts.imports import Report


@click.command(help="Enrol the people of FILE (CSV, see docs/import-users.md). A row without consent is rejected.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partner", required=True, help="Whose people they are.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the rejected rows.")
@data_option
@mode_option
def command(file: Path, partner: str, report: Path | None, data: Path, mode: str | None) -> None:
    settings = settings_for(data, mode)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        try:
            done = _enrol(settings, rows, file.stat().st_size, partner)
        except NotARoll as fault:
            raise click.UsageError(f"{file}: {fault}") from None
    rejected_to = report or file.with_suffix(".rejected.csv")
    if done.rejected:
        _write(rejected_to, done.rejected)
    click.echo(f"{done.people} people with {done.subscriptions} subscriptions enrolled, {len(done.rejected)} rejected")
    if done.rejected:
        click.echo(f"the rejected rows, each with its line and reasons: {rejected_to}")


def _enrol(settings: Settings, rows: TextIO, size: int, partner: str) -> Report:
    """Reads, checks and stores with a bar on standard error; the bar follows the place in the file."""
    from rich.console import Console
    from rich.progress import Progress

    from alerts import imports, roll
    from alerts.commands.data import engine_of
    from notifiers import addresses
    from notifiers.vault import Vault

    now = utc_now()
    with engine_of(settings) as engine, Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("enrolling", total=size)
        return imports.enrol(
            engine,
            roll.read(rows, now),
            partner=partner,
            secret=addresses.secret(Vault(settings.keys_directory)),
            now=now,
            progress=lambda _report: bars.update(bar, completed=_place(rows)),
        )


def _place(rows: TextIO) -> int:
    """How many bytes have been read; text files refuse `tell` while iterated, their raw file does not."""
    return int(rows.buffer.raw.tell())  # type: ignore[attr-defined]


def _write(to: Path, rejected: list[Rejected]) -> None:
    """Lines and reasons only: nothing of the rows themselves."""
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "reasons"))
        writer.writerows((one.line, "; ".join(one.reasons)) for one in rejected)
