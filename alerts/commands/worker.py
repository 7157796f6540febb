"""`lookout worker`: more processes that send, beside a server on the same data."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import check_credentials, data_option, engine_of, mode_option, settings_for

MOST_PROCESSES = 64  # each holds a connection to the database and a share of every origin's patience


@click.command(help="Send batches from the ledger until stopped; any number may run beside a server.")
@data_option
@mode_option
@click.option(
    "--concurrency",
    type=click.IntRange(1, MOST_PROCESSES),
    default=1,
    show_default=True,
    help="Worker processes; those that die are started again.",
)
def command(data: Path, mode: str | None, concurrency: int) -> None:
    from alerts import children, logs

    settings = settings_for(data, mode)
    check_credentials(settings)
    logs.configure(settings.log_format, settings.log_level)
    with engine_of(settings):
        """The schema is brought up to date, and a directory of the other mode is refused."""
    children.keep_workers(settings, concurrency)
