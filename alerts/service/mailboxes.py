"""Mailboxes: anyone can type one, so its owner is asked first, by one message (double opt-in).

Nothing of a mailbox is stored until its owner pressed the button: the link in the message carries the request, sealed,
for a day. Whoever asks learns nothing: the answer is the same whether the address is known, has left, was asked too
often, or is nobody's. Browsers that never answered their test are swept here as well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Select, exists, select

from alerts import confirmations
from alerts.errors import NotFound
from alerts.model import Problem
from alerts.people_tables import confirmation
from alerts.service.arrivals import follow
from alerts.service.end import May
from alerts.service.languages import spoken
from alerts.services import Services
from notifiers import addresses
from notifiers.catalogues import catalogue, nearest
from notifiers.channels.email_message import BadAddress, checked
from notifiers.joining import Joined, discard, join
from notifiers.model import Result
from notifiers.tables import recipient, subscription
from notifiers.transactions import writing

log = structlog.get_logger()

CHANNEL = "email"
GOOD_FOR = timedelta(hours=24)
A_ROUND = 500  # rows swept in one transaction
NO_RELAY = Problem.error("email.none", "/email", "no e-mail is sent here; choose push or the inbox")
NO_ADDRESS = Problem.error("email.form", "/email", "this is no e-mail address that we can write to")
ALONE = Problem.error("email.alone", "/email", "a mailbox counts once it is confirmed; choose the inbox beside it")


def is_mailbox(text: str) -> bool:
    """Whether we write to such an address at all."""
    try:
        return checked(text) == text
    except BadAddress:
        return False


def check(services: Services, email: str, *, alone: bool) -> list[Problem]:
    """What stands against asking this mailbox. `alone`: nothing else was chosen, so there is nobody whom it could join."""
    faults = (NO_RELAY, services.mail is None), (NO_ADDRESS, not is_mailbox(email)), (ALONE, alone)
    return [fault for fault, stands in faults if stands]


def ask(services: Services, recipient_id: int, email: str, language: str, client: str) -> None:
    """The one message. Silent where the limits of `alerts.confirmations` are reached or the relay takes nothing."""
    if services.mail is None:
        return
    secret, now = addresses.secret(services.vault), services.clock()
    hashed = addresses.keyed_hash(secret, CHANNEL, addresses.identity(CHANNEL, {"email": email}, ""))
    with writing(services.engine) as connection:
        wait_s = confirmations.take(connection, hashed, confirmations.network_hash(secret, client), now)
    if wait_s:
        return
    token = addresses.make_mailbox_token(secret, recipient_id, int(now.timestamp()), email)
    tag = nearest(language, spoken(services))
    said, url = catalogue(tag).said, f"{services.settings.base_url}/confirm/{token}"
    outcome = services.mail(email, said["confirm_subject"], said["confirm_text"].format(url=url), tag)
    if outcome.result is not Result.SENT:
        log.warning("confirmation_not_sent", result=outcome.result.value, reason=outcome.reason)


def confirm(services: Services, token: str) -> Joined:
    """The owner said yes. Again changes nothing; GONE after a day, or where the person left meanwhile. NotFound if forged."""
    recipient_id, asked_at, email = _read(services, token)
    secret, now = addresses.secret(services.vault), services.clock()
    if now >= asked_at + GOOD_FOR:
        return Joined.GONE
    with writing(services.engine) as connection:
        address = {"email": email}
        done = join(connection, recipient_id, CHANNEL, address, secret=secret, asked_at=asked_at, now=now)
    if done is Joined.NOW:
        follow(services)
    return done


def still_good(services: Services, token: str) -> bool:
    """Whether its day is not over. NotFound for a forged one."""
    return services.clock() < _read(services, token)[1] + GOOD_FOR


def sweep(services: Services, may: May) -> None:
    """Public browsers that were asked more than a day ago and never answered go, with all their rows."""
    with writing(services.engine) as connection:
        if not may(connection):
            return
        ids = [int(one.id) for one in connection.execute(_silent(services.clock() - GOOD_FOR))]
        if ids:
            discard(connection, ids)
    if ids:
        follow(services)


def _read(services: Services, token: str) -> tuple[int, datetime, str]:
    found = addresses.read_mailbox_token(addresses.secret(services.vault), token)
    if found is None:
        raise NotFound("this link is not one of ours")
    return found[0], datetime.fromtimestamp(found[1], UTC), found[2]


def _silent(before: datetime) -> Select[tuple[int]]:
    """Asked for and last tested before this, unanswered; what a partner enrolled is the partner's."""
    tested = confirmation.c.address_hash == subscription.c.address_hash, confirmation.c.sent_at >= before
    public = recipient.c.id == subscription.c.recipient_id, recipient.c.kind == "public"
    waiting = subscription.c.confirmed_at.is_(None), subscription.c.consented_at < before
    found = select(subscription.c.id).where(*public, *waiting, ~exists().where(*tested))
    return found.order_by(subscription.c.id).limit(A_ROUND)
