"""`lookout origin`: what all workers share about receivers; an operator's own rates, and waking one that rests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alerts.commands.data import data_option, mode_option, opened, settings_for

if TYPE_CHECKING:
    from sqlalchemy import Row


@click.group(help="Receivers as all workers know them: rate, burst, whether one rests and why.")
def command() -> None:
    """Nothing by itself."""


@command.command("list", help="All origins that were ever sent to.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from notifiers import origins
    from notifiers.clock import database_now

    with opened(settings_for(data, mode)) as connection:
        now, rows = database_now(connection), origins.listed(connection)
    for row in rows:
        click.echo(_line(row, now))


@command.command("rate", help="Send at most PER_SECOND to the origin NAME; without it, our own default again.")
@click.argument("name")
@click.argument("per_second", type=click.FloatRange(0, min_open=True), required=False)
@click.option("--burst", type=click.FloatRange(1), help="At once, after a pause.  [default: a second's worth]")
@click.option("--channel", default="web_push", show_default=True, help="For an origin that was never sent to.")
@data_option
@mode_option
def set_rate(
    name: str, per_second: float | None, burst: float | None, channel: str, data: Path, mode: str | None
) -> None:
    from notifiers import origins

    with opened(settings_for(data, mode)) as connection:
        origins.set_rate(connection, name, channel, per_second, burst)
    click.echo(f"{name}: {f'{per_second:g} a second' if per_second else 'the default rate'}")


@command.command(help="The fault is mended: NAME rests no longer.")
@click.argument("name")
@data_option
@mode_option
def wake(name: str, data: Path, mode: str | None) -> None:
    from notifiers import origins

    with opened(settings_for(data, mode)) as connection:
        found = origins.wake(connection, name)
    if not found:
        raise click.UsageError(f"nothing was ever sent to {name}")
    click.echo(f"{name} is awake")


def _line(row: Row[Any], now: datetime) -> str:
    from notifiers.policies import policy_of

    policy = policy_of(row.channel, row.rate_per_s, row.burst)
    rate = f"{policy.rate_per_s:g}/s, burst {policy.burst:g}" if policy.limited else "no limit"
    rests = f"rests ({row.why or 'asked to'}, {row.rests} in a row)" if row.rests else "well"
    until = f" until {row.closed_until:%H:%M:%S} UTC" if row.closed_until and row.closed_until > now else ""
    return f"{row.name}\t{row.channel}\t{rate}{' (set)' if row.rate_per_s else ''}\t{rests}{until}"
