"""`lookout submit`: a record or CAP message to the API, for a second officer to approve."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

CONTENT_TYPES = {".xml": "application/cap+xml", ".cap": "application/cap+xml", ".json": "application/json"}


@click.command(help="Submit FILE (an AMBER record in JSON or a CAP 1.2 message) for approval.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8000", envvar="LOOKOUT_URL", show_default=True, help="The server.")
@click.option("--key", required=True, envvar="LOOKOUT_KEY", help="An officer's API key; better from the environment.")
def command(file: Path, url: str, key: str) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type(file)}
    try:
        answer = httpx.post(f"{url}/v1/alerts", content=file.read_bytes(), headers=headers, timeout=60.0)
    except httpx.HTTPError as error:
        raise click.ClickException(f"{url} cannot be reached: {type(error).__name__}") from None
    _show(answer.json() if answer.content else {})
    if answer.is_error:
        raise SystemExit(2 if answer.is_client_error else 1)


def content_type(file: Path) -> str:
    """By the name's ending; by the first character where that says nothing."""
    known = CONTENT_TYPES.get(file.suffix.lower())
    return known or ("application/cap+xml" if file.read_bytes().lstrip()[:1] == b"<" else "application/json")


def _show(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
