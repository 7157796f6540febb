"""Judging a document for an officer, as `lookout validate` does, and whom its area would reach. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts import checking, intake
from alerts.agencies import Officer
from alerts.checking import Ground, Verdict
from alerts.problems import Policy
from alerts.programme import get
from alerts.service import ground as grounds
from alerts.service import reach
from alerts.service.drafting import agency_of, audience_of, read_document
from alerts.services import Services
from notifiers.eligibility import Reach
from notifiers.transactions import reading


@dataclass(frozen=True, slots=True)
class Asked:
    """How strict, and by which profiles beside. Without a policy CAP is an import, a record from an authority."""

    policy: Policy | None = None
    profiles: Sequence[str] = ()


def judge(services: Services, officer: Officer, body: bytes, content_type: str, asked: Asked) -> tuple[Verdict, Reach]:
    """The verdict and the reach. WrongType, and for JSON that is no record Malformed or Refused with every fault."""
    found = _judged(services, officer, body, content_type, asked)
    if found.area is None or found.alert is None:
        return found, Reach(0)
    with reading(services.engine) as connection:
        return found, reach.count(services, connection, found.area, audience_of(agency_of(officer), found.alert))


def _judged(services: Services, officer: Officer, body: bytes, content_type: str, asked: Asked) -> Verdict:
    agency, now = agency_of(officer), services.clock()
    own = grounds.of(services, agency.id).shape  # with what neighbours consented to
    ground = Ground(services.gazetteer, get(agency.programme), own)
    if intake.media_type(content_type) in intake.CAP_TYPES:
        policy = asked.policy or Policy.IMPORT
        return checking.check_cap(body, now=now, policy=policy, names=asked.profiles, ground=ground)
    taken = read_document(services, officer, body, content_type)
    return checking.check_taken(taken, now, ground, asked.policy or Policy.AUTHORITY, asked.profiles)
