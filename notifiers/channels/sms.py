"""SMS over a gateway's HTTP API, shaped as Twilio's: one POST a person, reports come back later (`twilio`).

`subscription.address` is {"phone"}, E.164. A phone shows a repeat as a second message, so what is in doubt is not
repeated. What was said cannot be taken back: a few segments with the headline, the area, the plate, and the link whole.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from sqlalchemy import Connection

from notifiers.channels.gsm import fit
from notifiers.channels.lasting import plate_line
from notifiers.channels.twilio import PHONE, of_answer
from notifiers.channels.wording import language_for, text_for
from notifiers.model import Kind, Notice, Outcome, Result, Subscription
from notifiers.outcome import of_failure
from notifiers.sender import Failure, Sender

TIMEOUT_S = 15.0
MOST_SEGMENTS = 3
LONGEST_VALIDITY_S = 14_400  # what gateways take at most
NOTICE_HEADER = "X-Lookout-Notice"  # incident/version/number/kind, for a gateway that sorts or counts
_SERVICE = "MG"  # how the id of a messaging service begins


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where messages are handed over, and as whom. `sender`: a number or name, or the id of a messaging service (MG...)."""

    url: str
    account: str
    token: str = field(repr=False)
    sender: str

    @property
    def messages_url(self) -> str:
        return f"{self.url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account, safe='')}/Messages.json"

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()

    @property
    def sender_field(self) -> tuple[str, str]:
        return ("MessagingServiceSid" if self.sender.startswith(_SERVICE) else "From", self.sender)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the sends of a window share: the words by the notice's language tag."""

    notice: Notice
    bodies: Mapping[str, str]


class Sms:
    """The channel "sms". `callback_url` makes the address that a report of the send with this seal comes to."""

    name = "sms"
    collapses = False
    receipts = True

    def __init__(
        self,
        sender: Sender,
        gateway: Gateway,
        *,
        callback_url: Callable[[str], str],
        concurrency: int = 16,
        timeout_s: float = TIMEOUT_S,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.concurrency = concurrency
        self._sender, self._gateway, self._callback_url = sender, gateway, callback_url
        self._timeout_s, self._clock = timeout_s, clock

    async def prepare(self, notice: Notice, subscriptions: Sequence[Subscription]) -> Prepared:
        """The words for each language that is read in this window."""
        languages = {language_for(notice, s.language) for s in subscriptions}
        return Prepared(notice, {tag: words(notice, tag) for tag in languages})

    async def send(self, prepared: Prepared, subscription: Subscription) -> Outcome:
        """One message; it is worth nothing once the alert is over, and the gateway is told so."""
        phone = subscription.address.get("phone", "")
        if not PHONE.fullmatch(phone):
            return Outcome(Result.REFUSED, "bad_address")
        notice = prepared.notice
        left_s = int((notice.expires_at - self._clock()).total_seconds())
        form = [
            ("To", phone),
            ("Body", prepared.bodies[language_for(notice, subscription.language)]),
            ("ValidityPeriod", str(max(1, min(left_s, LONGEST_VALIDITY_S)))),
        ]
        if subscription.seal:
            form.append(("StatusCallback", self._callback_url(subscription.seal)))
        said = f"{notice.incident}/{notice.version}/{notice.number}/{notice.kind.value}"
        return await hand_over(self._sender, self._gateway, form, {NOTICE_HEADER: said}, self._timeout_s, self._clock())

    def settle(self, connection: Connection, notice_id: int, sent: Sequence[Subscription], now: datetime) -> None:
        """Nothing: the gateway has it."""

    async def close(self) -> None:
        """Lets the sender go."""
        await self._sender.close()


async def say(sender: Sender, gateway: Gateway, phone: str, text: str, *, valid_s: int, now: datetime) -> Outcome:
    """One message that is no notice: a code to be typed."""
    if not PHONE.fullmatch(phone):
        return Outcome(Result.REFUSED, "bad_address")
    form = [("To", phone), ("Body", text), ("ValidityPeriod", str(valid_s))]
    return await hand_over(sender, gateway, form, {}, TIMEOUT_S, now)


async def hand_over(
    sender: Sender,
    gateway: Gateway,
    form: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    timeout_s: float,
    now: datetime,
) -> Outcome:
    """The POST, and what its answer means."""
    body = urlencode([gateway.sender_field, *form], errors="replace").encode()
    spoken = {
        **headers,
        "Authorization": gateway.authorization,
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    }
    answer = await sender.post(gateway.messages_url, spoken, body, timeout_s)
    if isinstance(answer, Failure):
        return of_failure(answer.kind, sent=answer.sent, guarded=answer.guarded)
    return of_answer(answer.status, answer.headers, answer.body, now)


def words(notice: Notice, language: str) -> str:
    """The wireless text, or headline, area and plate, cut where they must be; the link whole. An end says what it says."""
    tag, text = text_for(notice, language)
    if text.wireless_360 and notice.kind is not Kind.CANCEL:
        return fit(text.wireless_360, notice.page_url, MOST_SEGMENTS)
    more = (text.body,) if notice.kind is Kind.CANCEL else (text.area_name, plate_line(notice, tag))
    return fit("\n".join(part for part in (text.headline, *more) if part), notice.page_url, MOST_SEGMENTS)
