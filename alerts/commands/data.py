"""What the subcommands share: which data directory, and how it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection, Engine

from alerts.settings import PREFIX, BadSetting, Mode, Settings, from_environment

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    envvar=f"{PREFIX}DATA",
    show_default=True,
    help="The data directory.",
)
mode_option = click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    envvar=f"{PREFIX}MODE",
    help="What a new data directory is for, once and for good.",
)


def settings_for(data: Path, mode: str | None = None, **overrides: Any) -> Settings:
    """The settings of a data directory. Its mode is the one it was made with; a new one must be told."""
    written = data / "mode"
    made = written.read_text().strip() if written.exists() else None
    mode = mode or made
    if mode is None:
        raise click.UsageError(f"{data} is new: say --mode sandbox or --mode live (it stays that for good)")
    if made not in (None, mode):
        raise click.UsageError(f"this data directory is {made} for good, it cannot be used as {mode}")
    try:
        return from_environment(data=data, mode=Mode(mode), **overrides)
    except (BadSetting, ValueError) as fault:
        raise click.UsageError(str(fault)) from None


def refuse_live(settings: Settings) -> None:
    """Of a live house nobody alone adds agencies, people or keys, on its machine neither."""
    if not settings.sandbox:
        raise click.UsageError("in a live house two administrators do this in the console: see lookout administrator")


def check_credentials(settings: Settings) -> None:
    """A provider's credential that cannot be used is said at start, not in the middle of an alert."""
    from alerts import credentials

    try:
        credentials.check(settings)
    except BadSetting as bad:
        raise click.UsageError(str(bad)) from None


@contextmanager
def engine_of(settings: Settings) -> Iterator[Engine]:
    """The database of a data directory, its schema brought up to date first."""
    from alerts.belonging import WrongKeys
    from alerts.database import BadUrl, WrongMode
    from alerts.outfit import prepare

    try:
        engine = prepare(settings)
    except (BadUrl, WrongMode, WrongKeys) as wrong:
        raise click.UsageError(str(wrong)) from None
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    """One writing transaction on it."""
    from notifiers.transactions import writing

    with engine_of(settings) as engine, writing(engine) as connection:
        yield connection
