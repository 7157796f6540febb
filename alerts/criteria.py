"""The criteria of a programme, checked on an AMBER record. Pure; all faults at once, each with a JSON pointer.

US DOJ numbers them 1 to 5: abduction, danger, enough description, age, NCIC entry. The other programmes ask for the
same or less, and some for members of the record by name (`alerts.programme` cites where each rule stands). An exercise
may lack what only a real case has; it is told so as a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.describing import person_lines, years
from alerts.model import Problem, Severity
from alerts.programme import Programme
from alerts.record import Record
from alerts.record_texts import too_long_when_marked

LONG_AGO = timedelta(days=7)


def check_record(record: Record, programme: Programme, expires_at: datetime | None, now: datetime) -> Iterator[Problem]:
    """Every criterion that is not met."""
    real = record.status == "Actual"
    yield from _attested(record, programme)
    yield from _aged(record, programme)
    yield from _described(record)
    yield from _timely(record, now)
    yield from _bounded(programme, expires_at, now)
    if programme.needs_ncic:
        yield from _entered(record, Severity.ERROR if real else Severity.WARNING)
    yield from _named(record, programme)
    yield from _fitting(record)
    if real:
        yield from _sourced(programme)


def _attested(record: Record, programme: Programme) -> Iterator[Problem]:
    """Criteria 1 and 2."""
    if programme.needs_abduction and not record.attestation.abduction:
        yield Problem.error(
            "attestation.abduction", "/attestation/abduction", "the programme asks for belief in an abduction"
        )
    if not record.attestation.imminent_danger:
        said = "the programme asks for belief that the child is in imminent danger"
        yield Problem.error("attestation.imminent_danger", "/attestation/imminent_danger", said)


def _aged(record: Record, programme: Programme) -> Iterator[Problem]:
    """Criterion 4. A child of unknown age must at least be said to be one: give an estimate."""
    for n, child in enumerate(record.children):
        path, on = f"/children/{n}/age", record.abduction.at.date()
        completed = years(child, on)
        if completed is None:
            yield Problem.error("age.missing", path, "give an age, if only an estimate, or a birth date")
        elif completed > programme.max_age:
            yield Problem.error(
                "age.over", path, f"{programme.name} is for those of {programme.max_age} years or younger"
            )
        if child.birth_date and child.birth_date > on:
            yield Problem.error("birth_date.future", f"/children/{n}/birth_date", "born after the abduction")
        if child.age is not None and completed is not None and abs(child.age - completed) > 1:
            yield Problem.warning(
                "age.differs", path, "age and birth date do not agree; people read the birth date's age"
            )


def _described(record: Record) -> Iterator[Problem]:
    """Criterion 3: something that people can look for."""
    children = any(person_lines(child, "en") or child.sex for child in record.children)
    suspects = any(person_lines(suspect, "en") or suspect.name for suspect in record.suspects)
    if not (children or suspects or record.vehicles or record.photos):
        said = "there is nothing to look for: describe the child, a suspect or a vehicle, or add a photo"
        yield Problem.error("children.undescribed", "/children", said)


def _named(record: Record, programme: Programme) -> Iterator[Problem]:
    """What the programme asks of every child by name."""
    for n, child in enumerate(record.children):
        for name in programme.child_fields:
            if getattr(child, name) is None:
                said = f"{programme.name} asks for the child's {name}"
                yield Problem.error(f"{name}.missing", f"/children/{n}/{name}", said)


def _fitting(record: Record) -> Iterator[Problem]:
    """What the form of a record alone cannot show: that its parts fit together."""
    for language, name, most in too_long_when_marked(record.texts, record.status):
        said = f"with the word for {record.status} before it, {name} has more than {most} characters"
        yield Problem.error("texts.long", f"/texts/{language}/{name}", said)
    for n, photo in enumerate(record.photos):
        if photo.of is not None:
            _, kind, at = photo.of.split("/")
            if int(at) >= len(getattr(record, kind)):
                yield Problem.error("of.unknown", f"/photos/{n}/of", f"there is nothing at {photo.of} in the record")


def _sourced(programme: Programme) -> Iterator[Problem]:
    """Rules that nobody could read where they stand do not send a real alert."""
    if programme.unchecked:
        named = ", ".join(programme.unchecked)
        said = (
            f"the rules of {programme.name} on {named} were not checked against their source: it can drill, not go live"
        )
        yield Problem(Severity.ERROR, "programme.unchecked", "/programme", said)


def _timely(record: Record, now: datetime) -> Iterator[Problem]:
    taken_at = record.abduction.at
    if taken_at > now + timedelta(minutes=5):
        yield Problem.error("at.future", "/abduction/at", "the abduction lies in the future: is the offset right?")
    elif taken_at < now - LONG_AGO:
        yield Problem.warning("at.old", "/abduction/at", "the abduction was more than a week ago")


def _bounded(programme: Programme, expires_at: datetime | None, now: datetime) -> Iterator[Problem]:
    longest = timedelta(seconds=programme.longest_expiry_s)
    if expires_at is not None and expires_at > now + longest:
        hours = programme.longest_expiry_s // 3600
        yield Problem.error(
            "expires_at.late", "/expires_at", f"{programme.name} expires after {hours} hours at the latest"
        )


def _entered(record: Record, severity: Severity) -> Iterator[Problem]:
    """Criterion 5: the entry in NCIC, and its two flags."""
    if record.ncic is None or record.ncic.number is None:
        yield Problem(severity, "ncic.missing", "/ncic", "the case must be entered into NCIC; give its number")
    if record.ncic is not None and not record.ncic.child_abduction_flag:
        said = "the NCIC entry must carry the Child Abduction flag"
        yield Problem(severity, "ncic.child_abduction_flag", "/ncic/child_abduction_flag", said)
    if record.ncic is not None and not record.ncic.amber_alert_flag:  # no criterion: it is set once the alert is out
        said = "set the AMBER Alert flag of the NCIC entry once the alert is out"
        yield Problem.warning("ncic.amber_alert_flag", "/ncic/amber_alert_flag", said)
