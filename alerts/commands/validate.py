"""`lookout validate`: every fault of every file, whatever its bytes; nothing is stored or sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alerts.services import utc_now

if TYPE_CHECKING:
    from alerts.model import Problem


@click.command(help="Name every fault of AMBER records (JSON) and CAP messages (XML), each with its path.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: file, outcome, problems.")
def command(files: tuple[Path, ...], *, as_json: bool) -> None:
    outcomes = [_outcome(file) for file in files]
    for outcome in outcomes:
        click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _words(outcome))
    if any(outcome["outcome"] != "valid" for outcome in outcomes):
        raise SystemExit(1)


def _outcome(file: Path) -> dict[str, Any]:
    try:
        problems = find_problems(file.read_bytes())
    except OSError as error:
        return {"file": str(file), "outcome": "unreadable", "problems": [], "reason": error.strerror or "unreadable"}
    invalid = any(problem.severity == "error" for problem in problems)
    told = [asdict(problem) for problem in problems]
    return {"file": str(file), "outcome": "invalid" if invalid else "valid", "problems": told}


def find_problems(body: bytes) -> Sequence[Problem]:
    """What a submission of these bytes would be told; XML is read as CAP, everything else as a record."""
    from alerts import cap, errors, intake, programme, validation
    from alerts.area import effective
    from alerts.settings import Settings
    from geo.places import Gazetteer

    gazetteer, now = Gazetteer.load(), utc_now()
    xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    kind = cap.CONTENT_TYPE if xml else "application/json"
    try:
        taken = intake.read(body, kind, now=now, limits=Settings(), gazetteer=gazetteer)
    except errors.Refused as refused:
        return refused.problems
    placed = effective(taken.alert, gazetteer)
    under = programme.DEFAULT
    if taken.alert.record and taken.alert.record.programme:
        under = programme.get(taken.alert.record.programme)
    ruled = validation.check(taken.alert, under, None, placed.shape, now, taken.policy)
    return tuple(dict.fromkeys((*taken.problems, *placed.problems, *ruled)))


def _words(outcome: dict[str, Any]) -> str:
    lines = [f"{outcome['file']}: {outcome.get('reason') or outcome['outcome']}"]
    lines += [f"  {p['severity']:<7} {p['path'] or '/'}: {p['message']}" for p in outcome["problems"]]
    return "\n".join(lines)
