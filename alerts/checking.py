"""Is this document right? One answer for the command line and the API: outcome and every problem. Nothing is stored.

    valid     it can be taken under this policy; what is told are warnings and advice
    invalid   it is a record or a CAP message, and something in it is refused
    not_cap   it is neither

A CAP message is judged under `import` unless told otherwise, a record under `authority`. Whether a message is still in
time for broadcasting is another question: an old import is valid, with a warning, and goes to the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from alerts import cap, profile_rules, validation
from alerts.problems import Policy, Problem

if TYPE_CHECKING:  # the core needs none of these, and they take long to load
    from alerts.intake import Intake, Limits, Names
    from alerts.model import Alert
    from alerts.programme import Programme
    from geo.shapes import Shape

BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


class Outcome(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    NOT_CAP = "not_cap"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, and for whoever asks further: the alert as understood and its area, None where there is none."""

    outcome: Outcome
    problems: tuple[Problem, ...]
    alert: Alert | None = None
    area: Shape | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """On what a document is judged beside its own words. The core asks none of it."""

    gazetteer: Names | None = None
    programme: Programme | None = None
    jurisdiction: Shape | None = None


def is_record(body: bytes) -> bool:
    """Whether the bytes begin as JSON of a record does; everything else is looked at as CAP."""
    return body[:64].lstrip(BLANK)[:1] in {b"{", b"["}


def check_cap(
    body: bytes,
    *,
    now: datetime,
    policy: Policy = Policy.IMPORT,
    names: Iterable[str] = (),
    ground: Ground | None = None,
) -> Verdict:
    """A CAP message by the standard, the policy and the profiles of these names (`alerts.profile_rules`)."""
    reading = cap.read(body, policy=policy)
    alert = reading.understood
    if alert is None:
        return Verdict(Outcome.INVALID if cap.claims_cap(body) else Outcome.NOT_CAP, reading.problems)
    placed: tuple[Problem, ...] = ()
    area: Shape | None = None
    stands = ground or Ground()
    if policy is not Policy.CORE and stands.gazetteer is not None:
        from alerts.area import effective

        found = effective(alert, stands.gazetteer)
        area, placed = found.shape, found.problems if validation.tells(alert) else ()
    ruled = validation.check(alert, stands.programme, stands.jurisdiction, area, now, policy, archive=True)
    asked = profile_rules.check(alert, names)
    return verdict((*reading.problems, *validation.beside(reading.problems, (*placed, *ruled)), *asked), alert, area)


def check_record(
    body: bytes, now: datetime, limits: Limits, ground: Ground, policy: Policy, names: Iterable[str] = ()
) -> Verdict:
    """An AMBER record by its form, its area and, under `authority`, its programme."""
    from alerts import errors, intake

    try:
        taken = intake.read(body, "application/json", now=now, limits=limits, gazetteer=ground.gazetteer)
    except errors.Refused as refused:
        return verdict(refused.problems, None, None)
    return check_taken(taken, now, ground, policy, names)


def check_taken(taken: Intake, now: datetime, ground: Ground, policy: Policy, names: Iterable[str] = ()) -> Verdict:
    """A record that was read; profiles judge the CAP message that it becomes."""
    from alerts import programme
    from alerts.area import effective

    under = ground.programme or programme.DEFAULT
    if taken.alert.record and taken.alert.record.programme:
        under = programme.get(taken.alert.record.programme)
    if ground.gazetteer is None:
        raise ValueError("a record's area is placed by a gazetteer")
    placed = effective(taken.alert, ground.gazetteer)
    ruled = validation.check(taken.alert, under, ground.jurisdiction, placed.shape, now, policy)
    asked = profile_rules.check(taken.alert, names)
    return verdict((*taken.problems, *placed.problems, *ruled, *asked), taken.alert, placed.shape)


def verdict(problems: Sequence[Problem], alert: Alert | None, area: Shape | None) -> Verdict:
    """The outcome that these problems make, each told once."""
    once = tuple(dict.fromkeys(problems))
    return Verdict(Outcome.INVALID if validation.refuses(once) else Outcome.VALID, once, alert, area)
