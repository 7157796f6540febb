"""What pages and API show: frozen read models, filled by `alerts.reading` and `alerts.tallying`. No SQL here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.model import Problem
from geo.shapes import Shape
from notifiers.attention import Attention
from notifiers.eligibility import Reach
from notifiers.expecting import Expected
from notifiers.model import Tally, Text


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One line of a list of alerts: the newest message of one incident. `headline` is None once the key is gone."""

    id: str
    reference: str
    agency: str
    status: str
    state: str
    kind: str
    version: int
    number: int
    created_at: datetime
    expires_at: datetime
    headline: str | None
    reach: int
    page_path: str
    lapses_at: datetime | None = None  # when it no longer waits for its approval


@dataclass(frozen=True, slots=True)
class Described:
    """One child or suspect: a name as released (None: not released), an age in words, lines that describe."""

    name: str | None
    age: str | None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plated:
    """One vehicle: what it looks like in one line, its plate to be shown large, the plate's state."""

    description: str
    plate: str | None
    plate_state: str | None


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """One photo: its number in the page's address, what it shows, its full size in pixels, whether there is an AVIF."""

    number: int
    description: str
    width: int
    height: int
    avif: bool


@dataclass(frozen=True, slots=True)
class PublicAlert:
    """What anyone may see at /a/{token}. When `over`, nothing but token, status, agency, texts and times is filled,
    and the texts say that it is over and nothing of the child.
    """

    token: str
    status: str  # CAP status: Actual, Exercise, Test, System
    over: bool
    over_why: str | None  # cancelled, expired
    agency: str
    texts: Mapping[str, Text]  # by BCP 47 language, the default first
    sent_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 1
    children: tuple[Described, ...] = ()
    suspects: tuple[Described, ...] = ()
    vehicles: tuple[Plated, ...] = ()
    circumstances: tuple[str, ...] = ()  # where, when and how it happened, one line each
    last_seen: tuple[float, float] | None = None  # (lon, lat)
    contact_name: str | None = None
    contact_telephone: str | None = None
    photos: tuple[PhotoRef, ...] = ()
    area: Shape | None = None
    area_name: str = ""


@dataclass(frozen=True, slots=True)
class AreaChange:
    """What approving a later message does to whom, in people: told for the first time, told before and inside still,
    told before and inside no longer. `tells_outside`: whether these last are told as well, by the programme's rule;
    an enlargement tells nobody again.

    Beside the people `outlets`, signs, posts and webhooks inside: all of them are told, `outlets_again` of them again,
    by an enlargement as well: a sign shows the last area. `outlets_outside`: those told before and inside no longer.
    """

    newly: int
    still: int
    outside: int
    tells_again: bool
    tells_outside: bool
    outlets: int = 0
    outlets_again: int = 0
    outlets_outside: int = 0


@dataclass(frozen=True, slots=True)
class Sleepers:
    """People in quiet hours: `later` are told when these end, the last of them at `last_at`, if it still holds then;
    `woken` are told at once, because they are within `within_m` metres of where the child was last seen.
    """

    later: int
    last_at: datetime | None
    woken: int
    within_m: float | None


@dataclass(frozen=True, slots=True)
class AlertView:
    """One message as officers of its agency see it. `area` and `public` are None once the key is gone."""

    row: AlertRow
    token: str
    content_hash: str
    area_digest: str
    area: Shape | None
    public: PublicAlert | None
    record: Mapping[str, Any] | None  # the AMBER record as JSON, for the edit form; None for an imported message
    problems: tuple[Problem, ...]
    note: str | None  # why it was returned or rejected
    authors: tuple[str, ...]
    decided_by: str | None
    decided_at: datetime | None
    actions: tuple[
        str, ...
    ]  # what the looking officer may do now: approve, return, reject, edit, enlarge, update, repeat, cancel
    history: tuple[AlertRow, ...]  # all messages of the incident, newest first
    tag: str = ""  # of the state of the whole incident: what a change is bound to
    logged: int = 0  # how long the log was: what came after it came after this look
    change: AreaChange | None = None  # of a message that waits for its decision, while an earlier one is in force
    sleepers: Sleepers | None = None  # of a message that waits: whom quiet hours hold back now


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submit, edit, enlargement or update leaves: `replayed` when the same message was there already. `area`
    None: a cancel has none, and that of an alert that is over is gone.
    """

    id: str
    token: str
    state: str
    kind: str
    version: int
    number: int
    content_hash: str
    area_digest: str
    area: Shape | None
    reach: int
    problems: tuple[Problem, ...]
    replayed: bool = False
    tag: str = ""
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What an approval, return, rejection or cancel leaves: the message's new state, the notice queued, if any."""

    id: str
    token: str
    state: str
    at: datetime
    reach: int = 0
    notice_id: int | None = None
    tag: str = ""
    lapses_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """How many sends did not go well for one reason on one channel. `waiting`: they will be tried again."""

    channel: str
    reason: str
    count: int
    result: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class ChannelDelivery:
    """One channel of one notice. Latencies are milliseconds from approval to the receiver's answer.

    dropped_why: cancelled, expired, superseded, left; adds up to the tally's dropped. sent_within: how many were sent
    within so many seconds of the approval, exactly.
    """

    channel: str
    tally: Tally
    rate_per_s: float  # sent over the time between first and last send
    p50_ms: int | None
    p95_ms: int | None
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    repeats: int
    dropped_why: Mapping[str, int] = field(default_factory=dict)
    sent_within: Mapping[int, int] = field(default_factory=dict)
    delivered: int = 0  # of those sent, how many the provider said have arrived; most providers do not say
    p99_ms: int | None = None
    retrying: int = 0  # tried, and waiting to be tried again
    quiet: int = 0  # of those that wait: how many until the end of their people's quiet hours
    quiet_until: datetime | None = None  # when the last of these end


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One notice on its way, as operators and its agency see it: nothing of the child."""

    notice_id: int
    token: str
    kind: str
    version: int
    number: int
    status: str
    state: str  # queued, planned, held
    held_why: str | None
    over: str | None  # cancelled, expired, superseded
    paused: bool
    approved_at: datetime
    expires_at: datetime
    matched: int | None
    reach: int
    total: Tally
    channels: tuple[ChannelDelivery, ...] = ()
    failures: tuple[Failure, ...] = field(default=())
    expected: Expected | None = None  # the last send, while it runs
    attention: tuple[Attention, ...] = ()  # how often it was opened, visited, shared

    @property
    def dropped_why(self) -> dict[str, int]:
        """Of all channels together."""
        return dict(sum((Counter(channel.dropped_why) for channel in self.channels), Counter[str]()))

    @property
    def sent_within(self) -> dict[int, int]:
        """By seconds from approval, how many were sent within them on all channels together."""
        marks = dict.fromkeys(mark for channel in self.channels for mark in channel.sent_within)
        return {mark: sum(channel.sent_within.get(mark, 0) for channel in self.channels) for mark in marks}


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One notice in a recipient's inbox; `over` and free of the child once the incident has ended."""

    id: int
    token: str
    kind: str
    version: int
    number: int
    status: str
    arrived_at: datetime
    expires_at: datetime
    over: bool
    text: Text
    url: str


@dataclass(frozen=True, slots=True)
class ReachView:
    """Whom an area would reach now, and all that is to be said about it; `area` None where there is no usable one."""

    reach: Reach
    area: Shape | None
    problems: tuple[Problem, ...] = ()
