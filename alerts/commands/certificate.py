"""`lookout certificate`: whose signature our CAP messages bear."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import data_option, mode_option, settings_for

if TYPE_CHECKING:
    from alerts.signature_make import Seal

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="The certificate that CAP messages are signed with; receivers pin it.")
def command() -> None:
    """Nothing by itself."""


@command.command("show", help="Print it as PEM, with subject, fingerprint and end on standard error.")
@data_option
@mode_option
def show(data: Path, mode: str | None) -> None:
    from urllib.parse import urlsplit

    from alerts.signature_make import BadKeyPair, load_or_make

    settings = settings_for(data, mode)
    settings.keys_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _tell(load_or_make(settings.keys_directory, urlsplit(settings.base_url).hostname or ""))
    except BadKeyPair as wrong:
        raise click.ClickException(f"the key in {settings.keys_directory} is no good: {wrong}") from None


@command.command("install", help="Sign with another key from now on. CERTIFICATE: PEM, those above it behind it.")
@click.argument("key", type=_FILE)
@click.argument("certificate", type=_FILE)
@data_option
@mode_option
def install(key: Path, certificate: Path, data: Path, mode: str | None) -> None:
    from alerts import signature_make

    settings = settings_for(data, mode)
    settings.keys_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        seal = signature_make.install(settings.keys_directory, key.read_bytes(), certificate.read_bytes())
    except signature_make.BadKeyPair as wrong:
        raise click.UsageError(str(wrong)) from None
    _tell(seal)


def _tell(seal: Seal) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from alerts.signature_trust import fingerprint

    one = seal.certificate
    click.echo(f"{one.subject.rfc4514_string()}\nSHA-256 {fingerprint(one)}", err=True)
    click.echo(f"valid from {one.not_valid_before_utc:%Y-%m-%d} until {one.not_valid_after_utc:%Y-%m-%d}", err=True)
    click.echo("".join(link.public_bytes(Encoding.PEM).decode() for link in seal.chain), nl=False)
