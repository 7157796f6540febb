"""`lookout feed`: sources of alerts of others. In a live house two administrators add and change them in the console."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import data_option, engine_of, mode_option, opened, refuse_live, settings_for
from alerts.services import utc_now
from alerts.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from alerts.feed_sources import Source

BY_HAND = "command line"  # instead of a change that two people made


@click.group(help="Sources of alerts of others: what they tell of abducted children becomes drafts.")
def command() -> None:
    """Nothing by itself."""


@command.command(help="Ask URL, and make drafts of AGENCY (its code) of what it tells. In a sandbox only.")
@click.argument("name")
@click.argument("url")
@click.argument("agency")
@click.option("--trust", help="Folder of certificates: its messages must be signed by one of them.")
@click.option("--interval-s", type=int, default=60, show_default=True, help="Seconds between two questions.")
@click.option("--longest-silence-s", type=int, help="Seconds without news after which it counts as silent.")
@data_option
@mode_option
def add(  # noqa: PLR0913, PLR0917 -- click gives them
    name: str,
    url: str,
    agency: str,
    trust: str | None,
    interval_s: int,
    longest_silence_s: int | None,
    data: Path,
    mode: str | None,
) -> None:
    from alerts import agencies
    from alerts.service import feed_changes

    settings = settings_for(data, mode)
    refuse_live(settings)
    content = {"source_id": None, "name": name, "url": url, "trust": trust, "interval_s": interval_s}
    content |= {"longest_silence_s": longest_silence_s}
    with opened(settings) as connection:
        of = agencies.find_agency(connection, agency)
        if of is None:
            raise click.UsageError(f"there is no agency {agency}")
        if faults := list(feed_changes.source_faults(connection, of.id, content)):
            raise click.UsageError("; ".join(fault.message for fault in faults))
        feed_changes.add(connection, of, content, BY_HAND, utc_now())
    click.echo(f"added {name}")


@command.command("list", help="All sources, and how each does.")
@data_option
@mode_option
def list_(data: Path, mode: str | None) -> None:
    from alerts import feed_sources
    from notifiers.transactions import reading

    with engine_of(settings_for(data, mode)) as engine, reading(engine) as connection:
        for one in feed_sources.list_all(connection):
            click.echo(f"{one.name}: {_state(one)}; {one.agency_name}; {one.url}")


@command.command(help="One source by its NAME.")
@click.argument("name")
@data_option
@mode_option
def show(name: str, data: Path, mode: str | None) -> None:
    with opened(settings_for(data, mode)) as connection:
        one = _find(connection, name)
    rule = f"on, up to {one.reach_cap} people" if one.rule_on else "off"
    lines = {
        "address": one.url,
        "agency": one.agency_name,
        "signature": f"one of {one.trust}" if one.trust else "none that counts",
        "state": _state(one),
        "last asked": one.last_poll_at,
        "last answer": one.health.last_ok_at,
        "last news": one.health.last_new_at,
        "next": one.health.next_poll_at,
        "approval by rule": rule,
    }
    for label, said in lines.items():
        click.echo(f"{label}: {said if said is not None else 'never'}")


@command.command(help="Ask the source of this NAME now: the server that runs does it within a second.")
@click.argument("name")
@data_option
@mode_option
def poll(name: str, data: Path, mode: str | None) -> None:
    from alerts import feed_sources

    with opened(settings_for(data, mode)) as connection:
        one = _find(connection, name)
        if not one.enabled:
            raise click.UsageError(f"{name} is switched off")
        feed_sources.change(connection, one.id, next_poll_at=utc_now())
    click.echo(f"{name} is asked next")


@command.command(help="Switch the source of this NAME off at once, and its rule.")
@click.argument("name")
@data_option
@mode_option
def disable(name: str, data: Path, mode: str | None) -> None:
    _set(settings_for(data, mode), name, "feed_disable", enabled=False, rule_on=False)
    click.echo(f"{name} is switched off")


@command.command(help="Switch the source of this NAME on again. In a sandbox only.")
@click.argument("name")
@data_option
@mode_option
def enable(name: str, data: Path, mode: str | None) -> None:
    settings = settings_for(data, mode)
    refuse_live(settings)
    _set(settings, name, "feed_enable", enabled=True, next_poll_at=None)
    click.echo(f"{name} is switched on")


@command.command(help="What became of the messages of the source of this NAME, the newest first.")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@data_option
@mode_option
def log(name: str, limit: int, data: Path, mode: str | None) -> None:
    from alerts import feed_log

    with opened(settings_for(data, mode)) as connection:
        found = feed_log.list_source(connection, _find(connection, name).id, limit)
    for one in found:
        why = ", ".join((*one.line.faults, *one.line.deviations))
        said = filter(None, (one.line.msg_type, one.line.status, one.line.outcome.value, one.line.rule, why))
        click.echo(f"{one.at:%Y-%m-%d %H:%M:%S} {' · '.join(said)}")


def _find(connection: Connection, name: str) -> Source:
    from alerts import feed_sources

    found = feed_sources.find_name(connection, name)
    if found is None:
        raise click.UsageError(f"there is no source {name}")
    return found


def _set(settings: Settings, name: str, act: str, **values: object) -> None:
    from alerts import audit, feed_sources

    with opened(settings) as connection:
        one = _find(connection, name)
        feed_sources.change(connection, one.id, **values)
        audit.write(connection, audit.SYSTEM, act, utc_now(), detail={"source": one.id})


def _state(one: Source) -> str:
    said = one.health.state if one.enabled else "switched off"
    return f"{said} ({one.health.last_error})" if one.enabled and one.health.failures else said
