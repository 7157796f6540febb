"""`lookout audit`: is the log of acts whole, and as evidence for others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerts.commands.data import data_option, engine_of, settings_for

if TYPE_CHECKING:
    from alerts.audit_chain import Breach


@click.group(help="The log of who did what: chained, signed every hour.")
def command() -> None:
    """Nothing by itself."""


@command.command(help="Name every entry that was altered, removed, moved or cut: of the database, or of exported FILE.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The public key that must have signed it, 64 hex digits, as the house published it.")
@data_option
def verify(file: Path | None, key: str | None, data: Path) -> None:
    count, signed, found = _of_file(file, key) if file else _of_database(data, key)
    for breach in found:
        click.echo(f"{breach.what}: {breach.said}")
    if found:
        raise SystemExit(1)
    click.echo(f"{count} entries, whole; signed up to entry {signed}")


@command.command(help="Write the whole log, its signed heads and the public key as JSON lines.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file.  [default: standard output]")
@data_option
def export(out: Path | None, data: Path) -> None:
    from alerts import audit, audit_heads, evidence
    from notifiers.transactions import reading
    from notifiers.vault import Vault

    settings = settings_for(data)
    with engine_of(settings) as engine:
        heads = audit_heads.all_heads(engine, settings.data)
        public_key = audit_heads.public_key(Vault(settings.keys_directory))
        with reading(engine) as connection, click.open_file(str(out or "-"), "w") as file:
            for line in evidence.write(public_key, audit.entries(connection), heads):
                file.write(line + "\n")
    click.echo(f"public key {public_key.hex()}", err=True)


def _of_file(file: Path, key: str | None) -> tuple[int, int, Sequence[Breach]]:
    from alerts import evidence

    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            found = evidence.read(lines)
    except evidence.NoEvidence as fault:
        raise click.UsageError(f"{file} is no exported log: {fault}") from None
    _must_be(found.public_key, key)
    return len(found.entries), max((head.number for head in found.heads), default=0), found.check()


def _of_database(data: Path, key: str | None) -> tuple[int, int, Sequence[Breach]]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from alerts import audit, audit_heads
    from alerts.audit_chain import check
    from notifiers.transactions import reading
    from notifiers.vault import Vault

    settings = settings_for(data)
    with engine_of(settings) as engine:
        heads = audit_heads.all_heads(engine, settings.data)
        public_key = audit_heads.public_key(Vault(settings.keys_directory))
        _must_be(public_key, key)
        with reading(engine) as connection:
            found = check(audit.entries(connection), heads, Ed25519PublicKey.from_public_bytes(public_key))
            count = sum(1 for _ in audit.entries(connection))
    return count, max((head.number for head in heads), default=0), found


def _must_be(public_key: bytes, key: str | None) -> None:
    if key is not None and key.lower() != public_key.hex():
        raise click.UsageError(f"it is signed by another key: {public_key.hex()}")
