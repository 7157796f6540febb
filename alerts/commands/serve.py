"""`lookout serve`: the server, with its workers and, in a sandbox, its receivers."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import check_credentials, data_option, mode_option, settings_for
from alerts.listening import listen

if TYPE_CHECKING:
    from alerts.main import Lookout


def _offer_first(lookout: Lookout) -> None:
    """Nobody administers a live house yet: whoever starts it gets the one link that somebody can come in by."""
    from alerts.service.first import SomebodyThere, first_link
    from alerts.services import utc_now

    settings = lookout.settings
    if settings.sandbox:
        return
    with suppress(SomebodyThere):
        path = first_link(lookout.engine, settings, utc_now())
        click.echo(f"nobody administers this house yet: {settings.base_url}{path} (works once)", err=True)


@click.command(help="Serve API and pages, fan out, schedule and send, until Ctrl-C.")
@data_option
@mode_option
@click.option("--host", help="Address to listen on.  [default: LOOKOUT_HOST or 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: LOOKOUT_PORT or 8000]")
def command(data: Path, mode: str | None, host: str | None, port: int | None) -> None:
    overrides = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings_for(data, mode, **overrides)
    check_credentials(settings)
    listening = listen(settings.host, settings.port)
    from alerts import logs
    from alerts.children import expect_children

    expect_children()
    from alerts.belonging import WrongKeys
    from alerts.database import BadUrl, WrongMode
    from alerts.main import Lookout
    from alerts.web import run

    logs.configure(settings.log_format, settings.log_level)
    try:
        lookout = Lookout(settings)
    except (BadUrl, WrongMode, WrongKeys) as wrong:
        raise click.UsageError(str(wrong)) from None
    _offer_first(lookout)
    lookout.start()
    try:
        run(lookout.app(), listening, settings.trusted_proxies)
    finally:
        lookout.stop()
