"""`lookout validate`: every fault of every file, whatever its bytes; nothing is stored or sent.

Exit codes: 0 all files are valid, 1 at least one is not, 2 the call was wrong or a file could not be read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from alerts import checking
from alerts.cap_xml import MAX_BYTES
from alerts.problems import Policy, Problem

if TYPE_CHECKING:
    from alerts.checking import Ground, Verdict
    from alerts.settings import Settings

PROFILES = ("ipaws", "cap-cp", "cap-au", "google")


@click.command(
    help="Name every fault of CAP messages (XML) and AMBER records (JSON), each with its path. "
    "Exit code 0: all are valid; 1: at least one is not; 2: a file could not be read, or the call was wrong."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--profile", "names", multiple=True, type=click.Choice(PROFILES), help="Also the rules of this profile.")
@click.option(
    "--policy",
    type=click.Choice([policy.value for policy in Policy]),
    help="core: the standard and what is always refused; import: forgiving where the meaning is certain; authority: "
    "strict, and for a record its programme. Without it CAP is an import and a record is from an authority.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: file, outcome, problems.")
@click.option(
    "--trust",
    "trusted",
    type=click.Path(exists=True, path_type=Path),
    help="Judge signatures too: a PEM file of certificates, or a folder of a source.",
)
def command(
    files: tuple[Path, ...], names: tuple[str, ...], policy: str | None, trusted: Path | None, *, as_json: bool
) -> None:
    worst = 0
    for file in files:
        outcome, code = _outcome(file, names, Policy(policy) if policy else None)
        if trusted is not None and code < 2:
            outcome, code = _with_verdict(outcome, code, trusted)
        click.echo(json.dumps(outcome) if as_json else _words(outcome))
        worst = max(worst, code)
    raise SystemExit(worst)


def _outcome(file: Path, names: Sequence[str], policy: Policy | None) -> tuple[dict[str, Any], int]:
    try:
        with file.open("rb") as opened:
            found = check(opened.read(_most() + 1), names, policy)
    except OSError as error:
        said = f"the file could not be read: {error.strerror or 'unreadable'}"
        return _told(file, checking.Outcome.NOT_CAP, [Problem.error("file-unreadable", "", said)]), 2
    return _told(file, found.outcome, found.problems), int(found.outcome is not checking.Outcome.VALID)


def check(body: bytes, names: Sequence[str] = (), policy: Policy | None = None) -> Verdict:
    """What is to be said of these bytes; JSON objects are records, everything else is looked at as CAP."""
    now = datetime.now(UTC)
    if checking.is_record(body):
        return checking.check_record(body, now, _settings(), _ground(), policy or Policy.AUTHORITY, names)
    judged = policy or Policy.IMPORT
    ground = None if judged is Policy.CORE else _ground()
    return checking.check_cap(body, now=now, policy=judged, names=names, ground=ground)


@cache
def _ground() -> Ground:
    from geo.places import Gazetteer

    return checking.Ground(Gazetteer.load())


@cache
def _settings() -> Settings:
    from alerts.settings import Settings

    return Settings()


def _most() -> int:
    """Bytes that are read of a file: enough to see that it is too large."""
    return max(MAX_BYTES, _settings().max_alert_bytes)


def _told(file: Path, outcome: str, problems: Sequence[Problem]) -> dict[str, Any]:
    told = [{"severity": p.severity, "type": p.type, "path": p.path, "message": p.message} for p in problems]
    return {"file": str(file), "outcome": outcome, "problems": told}


def _with_verdict(outcome: dict[str, Any], code: int, trusted: Path) -> tuple[dict[str, Any], int]:
    """The outcome with what is to be said of the file's signature; one that is refused makes it invalid."""
    from alerts import signature, signature_trust

    try:
        found = signature.verdict(Path(outcome["file"]).read_bytes(), signature_trust.load_file(trusted))
    except signature_trust.NoTrust as wrong:
        raise click.UsageError(str(wrong)) from None
    refused = found["outcome"] == "refused" and outcome["outcome"] == "valid"
    return outcome | {"signature": found} | ({"outcome": "invalid"} if refused else {}), 1 if refused else code


def _words(outcome: dict[str, Any]) -> str:
    name = outcome["file"].encode(errors="backslashreplace").decode()
    lines = [f"{name}: {outcome['outcome']}"]
    lines += [f"  {p['severity']:<7} {p['type']} at {p['path'] or '/'}: {p['message']}" for p in outcome["problems"]]
    if told := outcome.get("signature"):
        lines.append(f"  signature {told['outcome']}{': ' + told['subject'] if 'subject' in told else ''}")
        lines += [f"  {p['severity']:<7} {p['type']} at {p['path']}: {p['message']}" for p in told.get("problems", ())]
    return "\n".join(lines)
