"""From a document to what can be stored: its area placed, every rule asked, photos taken in, hash and reach known.

Nothing is stored here, and everything that may take long (placing, decoding photos) is done before a transaction opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import area as areas
from alerts import intake, photo, programme, validation
from alerts.agencies import Agency, Officer
from alerts.compose import Origin
from alerts.errors import NotAllowed, Refused
from alerts.intake import Intake
from alerts.model import Alert, Problem, Severity
from alerts.photo import Pictures
from alerts.programme import Programme
from alerts.services import Services
from alerts.validation import Policy
from geo.shapes import Shape


@dataclass(frozen=True, slots=True)
class Examined:
    """What can be said of a document without storing it. `area` None: it could not be placed, and problems say why."""

    alert: Alert
    area: Shape | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document without errors, ready to be stored."""

    alert: Alert
    area: Shape
    problems: tuple[Problem, ...]
    pictures: tuple[Pictures, ...]
    expires_at: datetime


def agency_of(officer: Officer) -> Agency:
    """NotAllowed for who belongs to none."""
    if officer.agency is None:
        raise NotAllowed("only officers of an agency submit alerts")
    return officer.agency


def read_document(services: Services, officer: Officer, body: bytes, content_type: str) -> Intake:
    """The bytes of a record or CAP message as an alert of the officer's agency. Raises Refused with every fault."""
    agency = agency_of(officer)
    return intake.read(
        body,
        content_type,
        now=services.clock(),
        limits=services.settings,
        origin=Origin(agency.sender, agency.name, agency.programme),
        gazetteer=services.gazetteer,
    )


def examine(services: Services, officer: Officer, given: Intake) -> Examined:
    """Every rule, all faults at once."""
    agency, alert = agency_of(officer), given.alert
    placed = areas.effective(alert, services.gazetteer)
    found = validation.check(
        alert,
        programme_of(agency, alert),
        agency.jurisdiction,
        placed.shape,
        services.clock(),
        given.policy,
    )
    # The order of a document: what reading found, then its area, then the rules; each fault once.
    problems = dict.fromkeys((*given.problems, *placed.problems, *found))
    return Examined(alert, placed.shape, tuple(problems))


def check_again(services: Services, officer: Officer, alert: Alert, area: Shape) -> tuple[Problem, ...]:
    """What is to be said of a stored message now: for whoever is to approve it."""
    agency = agency_of(officer)
    rules = programme_of(agency, alert)
    found = validation.check(alert, rules, agency.jurisdiction, area, services.clock(), policy_of(alert))
    repairs = areas.effective(alert, services.gazetteer).problems
    return tuple(dict.fromkeys((*alert.deviations, *repairs, *found)))


def policy_of(alert: Alert) -> Policy:
    """By which rules a stored alert is judged: those it came in under."""
    return Policy.IMPORT if alert.imported else Policy.AUTHORITY


def programme_of(agency: Agency, alert: Alert) -> Programme:
    """The programme the record names, else the agency's."""
    named = alert.record.programme if alert.record else None
    return programme.get(named or agency.programme)


def draft_of(services: Services, officer: Officer, given: Intake) -> Draft:
    """Refused with every fault, those of its photos among them."""
    examined = examine(services, officer, given)
    pictures, faults = take_photos(services, given.photos)
    errors = (*examined.errors, *faults)
    if errors or examined.area is None:
        raise Refused((*errors, *(p for p in examined.problems if p.severity is not Severity.ERROR)))
    default_s = programme_of(agency_of(officer), examined.alert).default_expiry_s
    expires_at = examined.alert.expires_at or services.clock() + timedelta(seconds=default_s)
    return Draft(examined.alert, examined.area, examined.problems, pictures, expires_at)


def take_photos(services: Services, given: Sequence[bytes]) -> tuple[tuple[Pictures, ...], tuple[Problem, ...]]:
    """Each photo decoded, stripped and re-encoded, two at a time; or the faults of all of them."""

    def take(number: int, content: bytes) -> Pictures | tuple[Problem, ...]:
        try:
            return photo.take_in(content, limits=services.settings, path=f"/photos/{number}")
        except Refused as refused:
            return refused.problems

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(take, range(len(given)), given))
    pictures = tuple(one for one in taken if isinstance(one, Pictures))
    return pictures, tuple(fault for one in taken if not isinstance(one, Pictures) for fault in one)
