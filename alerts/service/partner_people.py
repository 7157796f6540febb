"""One person of a partner's, enrolled over the API: the same rules and the same way in as a roll's (`imports`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from alerts import enrolment_body, imports
from alerts.errors import Conflict, Refused
from alerts.partners import Partner
from alerts.service.arrivals import follow
from alerts.services import Services
from geo import store as positions
from notifiers import addresses, subscriptions
from notifiers.transactions import writing


@dataclass(frozen=True, slots=True)
class Taken:
    """The person's own id and secret, told once (of who was `known` the secret is empty); ways that were not taken."""

    public_id: str
    token: str = field(repr=False)
    known: bool
    radius_m: float
    refused: tuple[str, ...]


def enrol(services: Services, partner: Partner, body: bytes) -> Taken:
    """Takes the person in, or brings them up to date. Refused with every fault; Conflict when no way could be taken.

    Again is harmless. The partner answers for the consent, whose record is kept; whoever left stays gone.
    """
    now, secret = services.clock(), addresses.secret(services.vault)
    person = enrolment_body.read(body, now)
    if isinstance(person, list):
        raise Refused(person)
    person.test |= services.settings.sandbox  # there is nothing else to take part in
    with writing(services.engine) as connection:
        wanted = [imports.enrolment(person, partner.name, secret)]
        [done] = subscriptions.enrol(connection, wanted, secret=secret, now=now)
        refused = tuple(
            f"{person.endpoints[one.place].channel}: {imports.REFUSALS[one.reason]}" for one in done.refused
        )
        if done.recipient_id is None:
            raise Conflict("; ".join(refused))
        positions.place(connection, imports.places([person], [done]), now, keep_newer=True)
    follow(services)
    [spot] = person.spots.values()
    return Taken(done.public_id, done.token, done.known, spot.radius_m, refused)
