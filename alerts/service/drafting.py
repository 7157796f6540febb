"""From a document to what can be stored: its area placed, every rule asked, photos taken in, hash and reach known.

Nothing is stored here, and everything that may take long (placing, decoding photos) is done before a transaction opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import area as areas
from alerts import freshness, photo, programme, signed_intake, unreviewed, validation, worlds
from alerts.agencies import Agency, Officer
from alerts.compose import Origin
from alerts.errors import NotAllowed, Refused
from alerts.intake import Intake
from alerts.model import Alert, Problem, Severity
from alerts.photo import Pictures
from alerts.programme import Programme
from alerts.service import ground
from alerts.service.known_photos import known_photos
from alerts.service.languages import spoken
from alerts.services import Services
from alerts.validation import Policy
from geo.shapes import Shape
from notifiers.eligibility import Audience


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
    return signed_intake.read_brought(
        body,
        content_type,
        services.settings.trust_directory,
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
        ground.of(services, agency.id).shape,
        placed.shape,
        services.clock(),
        given.policy,
    )
    found = [*found, *worlds.check(officer, agency, alert, sandbox=services.settings.sandbox)]
    found += unreviewed.check(alert, spoken(services))
    # The order of a document: what reading found, then its area, then the rules; each fault once.
    archived = freshness.only_for_archive(alert, services.clock())
    problems = dict.fromkeys((*given.problems, *placed.problems, *found, *archived))
    return Examined(alert, placed.shape, tuple(problems))


def check_again(services: Services, officer: Officer, alert: Alert, area: Shape) -> tuple[Problem, ...]:
    """What is to be said of a stored message now: for whoever is to approve it."""
    agency = agency_of(officer)
    rules = programme_of(agency, alert)
    found = validation.check(
        alert, rules, ground.of(services, agency.id).shape, area, services.clock(), policy_of(alert)
    )
    found = [*found, *unreviewed.check(alert, spoken(services))]
    repairs = areas.effective(alert, services.gazetteer).problems
    archived = freshness.only_for_archive(alert, services.clock())
    return tuple(dict.fromkeys((*alert.deviations, *repairs, *found, *archived)))


def policy_of(alert: Alert) -> Policy:
    """By which rules a stored alert is judged: those it came in under."""
    return Policy.IMPORT if alert.imported else Policy.AUTHORITY


def programme_of(agency: Agency, alert: Alert) -> Programme:
    """The programme the record names, else the agency's."""
    named = alert.record.programme if alert.record else None
    return programme.get(named or agency.programme)


def audience_of(agency: Agency, alert: Alert) -> Audience:
    """Whom an alert of this agency is for, of those inside its area."""
    return Audience.of(alert.status.value, programme_of(agency, alert).alert_class)


def draft_of(services: Services, officer: Officer, given: Intake, incident_id: int | None = None) -> Draft:
    """Refused with every fault, those of its photos among them. `incident_id`: the incident it belongs to already."""
    examined = examine(services, officer, given)
    pictures, faults = take_photos(services, given.photos)
    known = known_photos(services, agency_of(officer).id, given.alert, pictures, incident_id)
    examined = replace(examined, problems=(*examined.problems, *known))
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
