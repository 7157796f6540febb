"""The nouns of delivery: what is sent (Notice), to whom (Subscription), how work is cut (Batch), what came of it (Outcome).

A *recipient* is a person or an anonymous browser; the map speaks recipient ids. A *subscription* is one endpoint
of a recipient on one channel; batches and ledger speak subscription ids. Both are dense unsigned 32-bit serials,
never reused and never public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum

from geo.shapes import Shape
from notifiers.catalogues import ALL, Spoken

# Signs, posts and partners' servers: they stand for people we do not know, so every message of an incident goes there,
# an enlargement (the same version, with a new number) as well. A person is told once a version, an outlet once a number.
OUTLETS = ("apprise", "mqtt", "webhook")
BATCH_SIZE = 1000  # subscriptions a batch at most: 125 bytes a set of positions


class Kind(StrEnum):
    """What a notice says: it begins, it changed, it is over."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"


class Result(StrEnum):
    """What came of one send, each word with one meaning (RFC 8030 section 5, RFC 5321 section 4.2.1).

    SENT the receiver took it. GONE the endpoint is no more (404, 410, 550 5.1.1): the subscription is retired.
    REFUSED this message is not wanted as it is (400, 413). OURS the fault is ours (401, 403): the origin stops
    and an alarm is raised, nobody is deleted. LATER try again (408, 429, 503, 4yz). UNSENT nothing left us
    (connection refused, DNS, TLS): try again. IN_DOUBT written but no answer came, or 500, 502, 504. DROPPED nothing was to leave
    any more (cancelled, expired, superseded, left). GAVE_UP attempts or time ran out.
    """

    SENT = "sent"
    GONE = "gone"
    REFUSED = "refused"
    OURS = "ours"
    LATER = "later"
    UNSENT = "unsent"
    IN_DOUBT = "in_doubt"
    DROPPED = "dropped"
    GAVE_UP = "gave_up"


FINAL = (Result.SENT, Result.GONE, Result.REFUSED, Result.GAVE_UP, Result.DROPPED, Result.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One send's result: `reason` is a short machine word or status ("429", "timeout"), never personal data.

    `left`: GONE because the person has unsubscribed on the receiver's side: they leave here too, for good.
    """

    result: Result
    reason: str = ""
    retry_after_s: float | None = None
    left: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What a person reads in one language. The short ones are empty where nobody wrote them: then channels cut."""

    headline: str
    body: str
    instruction: str = ""
    area_name: str = ""
    wireless_90: str = ""  # GSM-7 (3GPP TS 23.038), as are the 360; marked already where it is not real
    wireless_360: str = ""
    push_title: str = ""
    push_body: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """An approved alert, frozen: all a worker needs to send it from any machine, joined to nothing.

    `version` counts what people are told (a person is told once a version); `number` counts the messages of the
    incident: an enlarged area is a new number of the same version, and goes to the newly covered and to OUTLETS. `area` is None for a cancel only.
    """

    incident: str  # the incident's random public token; also the tag that makes a notice replace the last one
    version: int
    number: int
    kind: Kind
    status: str  # CAP status: Actual, Exercise, System, Test
    sent_at: datetime
    expires_at: datetime
    sender_name: str
    page_url: str
    texts: Mapping[str, Text]  # by BCP 47 language, the default first
    area: Shape | None = None
    area_digest: str = ""
    reach: int = 0  # recipients that the approval was given for
    last_seen: tuple[float, float] | None = None  # (lon, lat)
    cap_xml: bytes = field(default=b"", repr=False)
    plate: str = ""  # of the vehicles looked for, in words: what a sign has room for; empty where none is known
    tells_outside: bool = True  # whether an update goes to whom earlier versions told and its area no longer holds
    # What those are told instead, in the same languages; nothing where they are told like everybody.
    outside_texts: Mapping[str, Text] = field(default_factory=dict)
    # A repeat: the same again, and who was told before gets it on these channels only; None for what is new.
    repeats_on: tuple[str, ...] | None = None

    # Of an alert that may wake people: how near the child was last seen, in metres, quiet hours hold nobody back; None:
    # everywhere they do.
    wakes_within_m: float | None = None

    # In which languages our own words were on when it was let go; elsewhere they are said in English beside its texts.
    spoken: Spoken = ALL

    # Of what kind it is: nobody is newly told who wants none of these; empty: of none that one can refuse.
    alert_class: str = ""

    @property
    def silent(self) -> bool:
        """Whether it takes the place of what is on the screen without sound: it says nothing new."""
        return self.repeats_on is not None

    def for_outside(self) -> Notice:
        """The same for those who were told before and are inside no longer."""
        return replace(self, texts=self.outside_texts) if self.outside_texts else self

    @property
    def tests_only(self) -> bool:
        """Whether it may reach only recipients enrolled for tests: everything that is not Actual."""
        return self.status != "Actual"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One endpoint of one recipient: `address` is what the channel needs to reach it.

    `seal` is what a provider may be given to tell us later what became of this very send (`notifiers.receipts`): short,
    URL-safe, the same for every attempt at one version. Empty where nobody made one. `outside`: the notice at hand no
    longer covers its owner. `keying`: point and material for this message alone, made ahead (`notifiers.keyings`).
    """

    id: int
    recipient_id: int
    channel: str  # "web_push", "unified_push", "email", "inbox", "fcm", "apns", "webhook"
    origin: str  # scheme://host:port for HTTP, "smtp", "inbox": what is throttled and broken together
    address: Mapping[str, str] = field(repr=False)
    language: str = "en"
    seal: str = field(default="", repr=False)
    outside: bool = False
    keying: tuple[bytes, bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one notice (or channel of it); planned is the sum of all that follow."""

    planned: int = 0
    waiting: int = 0
    in_flight: int = 0
    sent: int = 0
    gone: int = 0
    refused: int = 0
    gave_up: int = 0
    dropped: int = 0
    in_doubt: int = 0

    @property
    def open(self) -> int:
        """Those without a final outcome yet."""
        return self.waiting + self.in_flight

    @property
    def failed(self) -> int:
        """Those that ended without the person being reached."""
        return self.gone + self.refused + self.gave_up


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies, member by member."""
    found = list(tallies)
    return Tally(**{of.name: sum(getattr(tally, of.name) for tally in found) for of in fields(Tally)})
