"""`lookout administrator`: the first administrator's one-time link, and a way back in for one who lost their passkeys.

Whoever may run this owns the database anyway. It makes nobody new once somebody administers the house.
"""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import data_option, engine_of, mode_option, settings_for
from alerts.services import utc_now


@click.command(help="Print a one-time link: for the first administrator, or with --again for one who is there already.")
@click.option("--again", metavar="NAME", help="An administrator who lost their passkeys; it is logged.")
@click.option("--url", help="Where the server is reached.  [default: LOOKOUT_PUBLIC_URL or host and port]")
@data_option
@mode_option
def command(again: str | None, url: str | None, data: Path, mode: str | None) -> None:
    from alerts.service.first import NobodyThere, SomebodyThere, first_link, link_again

    settings = settings_for(data, mode)
    with engine_of(settings) as engine:
        try:
            path = link_again(engine, settings, again, utc_now()) if again else first_link(engine, settings, utc_now())
        except SomebodyThere:
            raise click.UsageError("somebody administers this house: people are invited in the console") from None
        except NobodyThere:
            raise click.UsageError(f"there is no administrator {again}") from None
    base = (url or settings.base_url).rstrip("/")
    click.echo(f"register a passkey, once, within {settings.invitation_s // 60} min: {base}{path}")
