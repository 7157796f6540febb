"""`lookout tips`: for an agency that holds its own key. Run on a machine of the agency: neither asks a server for anything."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="An agency's own key for what people saw: run this on a machine of the agency.")
def command() -> None:
    """Nothing by itself."""


@command.command("keygen", help="Write a new private key to FILE; the public one is printed, for the administrators.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def keygen(file: Path) -> None:
    from alerts import tip_box

    pair = tip_box.new_pair()
    private, public = tip_box.write_pair(pair)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise click.UsageError(f"{file}: {fault.strerror}") from None
    with os.fdopen(descriptor, "wb") as written:
        written.write(private)
    click.echo(public.decode(), nl=False)
    click.echo(tip_box.fingerprint(pair.public), err=True)


@command.command("open", help="Open EXPORT, downloaded from the console or the API, and print it as JSON.")
@click.option("--key", "key_file", type=_FILE, required=True, help="The private key, as keygen wrote it.")
@click.argument("export", type=_FILE)
def open_(key_file: Path, export: Path) -> None:
    from alerts import tip_box

    try:
        key, told = tip_box.read_private(key_file.read_bytes()), json.loads(export.read_bytes())
        opened = [_opened(key, told, one) for one in told["tips"]]
    except (tip_box.NotATipKey, ValueError, KeyError, TypeError) as fault:
        raise click.UsageError(f"this cannot be read: {type(fault).__name__}") from None
    click.echo(json.dumps(told | {"tips": opened}, indent=2, ensure_ascii=False))
    closed = sum(one["said"] is None for one in opened)
    if closed:
        click.echo(f"{closed} of {len(opened)} do not open with this key", err=True)
        raise SystemExit(1)


def _opened(key: bytes, told: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """One tip with what was said; as it was where this key does not open it."""
    import base64
    from dataclasses import asdict

    from alerts import tip_box
    from alerts.tip_box import Bound

    if one["said"] is not None or one["box"] is None:
        return one
    try:
        bound = Bound(told["alert"], told["agency"], one["reference"])
        said = tip_box.open_box(key, base64.b64decode(one["box"]), bound)
    except tip_box.CannotOpen:
        return one
    return one | {"said": asdict(said), "box": None}
