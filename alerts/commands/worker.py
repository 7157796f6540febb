"""`lookout worker`: one more process that sends, beside a server on the same data."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import data_option, engine_of, mode_option, settings_for


@click.command(help="Send batches from the ledger until stopped; any number may run beside a server.")
@data_option
@mode_option
def command(data: Path, mode: str | None) -> None:
    from alerts import logs, worker_process

    settings = settings_for(data, mode)
    logs.configure(settings.log_format, settings.log_level)
    with engine_of(settings):
        """The schema is brought up to date, and a directory of the other mode is refused."""
    worker_process.run(settings)
