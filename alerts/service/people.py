"""Recipients: they sign up, move and leave. A public position is coarsened before anything else sees it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alerts.errors import Conflict, NotAllowed, NotFound, Refused, TooOften
from alerts.model import Problem
from alerts.service import echo, mailboxes, phones
from alerts.service.arrivals import follow
from alerts.service.places import Spot, coarsened, move
from alerts.services import Services
from geo import store as positions
from notifiers import addresses, departures, subscriptions
from notifiers.guard import Guard
from notifiers.guard import Mode as GuardMode
from notifiers.guard import Refused as GuardRefused
from notifiers.subscriptions import Enrolment, NewSubscription
from notifiers.tables import recipient
from notifiers.transactions import reading, writing

__all__ = [
    "SignUp",
    "SignedUp",
    "leave",
    "may_push",
    "move",
    "must_be",
    "read_link",
    "sign_up_from",
    "subscribe",
    "unsubscribe",
]

HOW = "sign-up page"
PUSHED = {"push": "web_push", "unified_push": "unified_push"}  # channels to an endpoint, by the member that asks
REASONS = {
    "left": "this address has unsubscribed for good",
    "known": "this address is signed up already",
    "address": "this is no address that can be reached",
    "consent": "no consent was recorded",
}


@dataclass(frozen=True, slots=True)
class SignUp:
    """What a person asks for: their places (before coarsening), their language, the words they agreed to, and the ways
    to be told: channel and what the channel needs to reach them. `phone_code`: what proves that a phone is theirs.
    """

    spots: tuple[Spot, ...]
    language: str
    words: str
    ways: tuple[tuple[str, Mapping[str, str]], ...] = field(repr=False)
    test: bool = False
    phone_code: str = field(default="", repr=False)

    @property
    def email(self) -> str | None:
        return next((address["email"] for channel, address in self.ways if channel == "email"), None)

    @property
    def enrolled(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """The ways that are stored now. A mailbox is not: it joins once its owner says so (`alerts.service.mailboxes`)."""
        return tuple(way for way in self.ways if way[0] != "email")

    @property
    def phone(self) -> str | None:
        return next((address["phone"] for channel, address in self.ways if channel == "sms"), None)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """The recipient's own id and secret, told once; how coarse the stored place is; which ways were not taken, and why."""

    recipient_id: int
    public_id: str
    token: str = field(repr=False)
    radius_m: float
    refused: tuple[str, ...]


def sign_up_from(asked: Mapping[str, Any]) -> SignUp:
    """From the members that the API and the page send: lon, lat (of home), places, language, consent, inbox, push,
    unified_push, email, phone, phone_code, test.
    """
    ways: list[tuple[str, Mapping[str, str]]] = []
    for member, channel in PUSHED.items():
        if push := asked.get(member):
            ways.append((channel, {"endpoint": push["endpoint"], **push["keys"]}))
    if asked.get("inbox"):
        ways.append(("inbox", {}))
    if email := asked.get("email"):
        ways.append(("email", {"email": email}))
    if phone := asked.get("phone"):
        ways.append(("sms", {"phone": phone}))
    more = tuple(Spot(one["lon"], one["lat"], one["kind"], one["number"]) for one in asked.get("places") or ())
    spots = (Spot(float(asked["lon"]), float(asked["lat"])), *more)
    code = asked.get("phone_code") or ""
    return SignUp(spots, asked["language"], asked["consent"], tuple(ways), bool(asked.get("test")), code)


def subscribe(services: Services, asked: SignUp, client: str = "") -> SignedUp:
    """Enrol a public recipient. Refused without any way or for a place named twice, Conflict when no way could be taken.

    A browser counts once a test notification came back from it. `client`: the address that asks, for limits.
    In a sandbox everybody takes part in exercises: there is nothing else to take part in.
    """
    _check(services, asked)
    if asked.phone is not None:
        phones.prove(services, asked.phone, asked.phone_code)
    now = services.clock()
    person = Enrolment("public", asked.test or services.settings.sandbox, "", _subscriptions(services, asked, now))
    secret = addresses.secret(services.vault)
    with writing(services.engine) as connection:
        if asked.phone is not None:
            phones.come_back(connection, secret, asked.phone)
        [done] = subscriptions.enrol(connection, [person], secret=secret, now=now)
        refused = tuple(f"{asked.enrolled[one.place][0]}: {REASONS[one.reason]}" for one in done.refused)
        if done.recipient_id is None:
            raise Conflict("; ".join(refused))
        rows = [coarsened(done.recipient_id, spot) for spot in asked.spots]
        positions.place(connection, rows, now)
    follow(services)
    _ask(services, done.recipient_id, client)
    if asked.email is not None:
        mailboxes.ask(services, done.recipient_id, asked.email, asked.language, client)
    return SignedUp(done.recipient_id, done.public_id, done.token, rows[0].radius_m, refused)


def leave(services: Services, recipient_id: int) -> None:
    """Everything of the recipient goes: rows, place, inbox. What stays is a keyed hash, so that they stay gone."""
    with writing(services.engine) as connection:
        departures.note(connection, recipient_id=recipient_id, now=services.clock())
        subscriptions.leave(connection, recipient_id=recipient_id, now=services.clock())
        positions.forget(connection, [recipient_id])
    follow(services)


def unsubscribe(services: Services, token: str) -> None:
    """One subscription ends, by the token of its one-click link; again changes nothing. NotFound for a forged token."""
    subscription_id = read_link(services, token)
    with writing(services.engine) as connection:
        departures.note(connection, subscription_id=subscription_id, now=services.clock())
        gone = subscriptions.leave(connection, subscription_id=subscription_id, now=services.clock())
        if gone is not None:
            positions.forget(connection, [gone])
    if gone is not None:
        follow(services)


def read_link(services: Services, token: str) -> int:
    """The subscription that a one-click link is about, whether it still exists or not. NotFound for a forged one."""
    subscription_id = addresses.read_unsubscribe_token(addresses.secret(services.vault), token)
    if subscription_id is None:
        raise NotFound("this link is not one of ours")
    return subscription_id


def must_be(services: Services, recipient_id: int, public_id: str) -> None:
    """The recipient named in the address must be the one whose token came with it; NotAllowed."""
    with reading(services.engine) as connection:
        mine = connection.scalar(select(recipient.c.public_id).where(recipient.c.id == recipient_id))
    if mine != public_id:
        raise NotAllowed("this token is another recipient's")


def _subscriptions(services: Services, asked: SignUp, now: datetime) -> tuple[NewSubscription, ...]:
    # An inbox is the caller's own: confirmed by being asked for. A browser is asked first (`alerts.service.echo`).
    def confirmed(channel: str) -> datetime | None:
        return None if channel == echo.CHANNEL and services.push is not None else now

    return tuple(
        NewSubscription(channel, address, asked.language, HOW, asked.words, now, confirmed(channel))
        for channel, address in asked.enrolled
    )


def _ask(services: Services, recipient_id: int, client: str) -> None:
    """The test, as soon as the rows stand. Who asked too often stays unconfirmed until they ask again."""
    with suppress(TooOften):
        echo.ask(services, recipient_id, client)


def _check(services: Services, asked: SignUp) -> None:
    problems = [] if asked.ways else [Problem.error("ways.missing", "", "choose at least one way to be told")]
    named = [(spot.kind, spot.number) for spot in asked.spots]
    problems += [  # the first is home, which stands in members of its own
        Problem.error("places.twice", f"/places/{row - 1}", "this place stands here already")
        for row, name in enumerate(named)
        if name in named[:row]
    ]
    for channel, address in asked.ways:
        member = next((member for member, pushed in PUSHED.items() if pushed == channel), None)
        if member and not may_push(services, address["endpoint"]):
            said = "this is no push service that we may call"
            problems.append(Problem.error("push.endpoint", f"/{member}/endpoint", said))
        if channel == "email":
            problems += mailboxes.check(services, address["email"], alone=not asked.enrolled)
    if problems:
        raise Refused(problems)


def may_push(services: Services, endpoint: str) -> bool:
    """A first look; the sender's guard judges the resolved address again at every call."""
    settings = services.settings
    receivers = {("127.0.0.1", settings.sandbox_push_port)} if settings.sandbox else set()
    try:
        Guard(GuardMode(settings.mode.value), frozenset(receivers)).allow_url(endpoint)
    except GuardRefused:
        return False
    return True
