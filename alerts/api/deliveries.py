"""The JSON of deliveries that goes out: one notice on its way, by channel. Nothing of a child is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from alerts import reports
from alerts.api.wire import Wire
from notifiers.attention import Attention
from notifiers.ledger import DeadLetters
from notifiers.model import Tally


class TallyOut(Wire):
    """planned = waiting + in_flight + sent + gone + refused + gave_up + dropped + in_doubt, at every moment."""

    planned: int
    waiting: int
    in_flight: int
    sent: int
    gone: int
    refused: int
    gave_up: int
    dropped: int
    in_doubt: int

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(**{name: getattr(tally, name) for name in cls.model_fields})


class ChannelOut(Wire):
    """`dropped_why` adds up to the tally's dropped; `sent_within` counts by seconds from the approval; `quiet` of the
    waiting wait for the end of their quiet hours, the last until `quiet_until`.
    """

    channel: str
    tally: TallyOut
    rate_per_s: float
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    repeats: int
    dropped_why: dict[str, int]
    sent_within: dict[int, int]
    delivered: int
    retrying: int
    quiet: int
    quiet_until: datetime | None

    @classmethod
    def of(cls, found: reports.ChannelDelivery) -> Self:
        members = {name: getattr(found, name) for name in cls.model_fields}
        return cls(**members | {"tally": TallyOut.of(found.tally)})


class FailureOut(Wire):
    """Sends that did not go well in the same way; `waiting`: they will be tried again."""

    channel: str
    reason: str
    count: int
    result: str
    waiting: bool

    @classmethod
    def of(cls, failure: reports.Failure) -> Self:
        return cls(**{name: getattr(failure, name) for name in cls.model_fields})


class AttentionOut(Wire):
    """How often it was opened, visited or shared by a way ("push", "email"), and how many left within a day of it by a channel; rounded down to tens; `count` is null below 10."""

    way: str
    what: str
    count: int | None
    shown: str

    @classmethod
    def of(cls, found: Attention) -> Self:
        return cls(way=found.way, what=found.what, count=found.count, shown=found.shown)


class DeadLettersOut(Wire):
    """Sends that ended the same way at the same origin; `again`: they can be sent again while the alert lives."""

    channel: str
    origin: str
    result: str
    reason: str
    count: int
    last_at: datetime
    again: bool

    @classmethod
    def of(cls, found: DeadLetters) -> Self:
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class DeliveryOut(Wire):
    """One notice on its way."""

    notice_id: int
    token: str
    kind: str
    version: int
    number: int
    status: str
    state: str
    held_why: str | None
    over: str | None
    paused: bool
    approved_at: datetime
    expires_at: datetime
    matched: int | None
    reach: int
    total: TallyOut
    dropped_why: dict[str, int]
    sent_within: dict[int, int]
    channels: list[ChannelOut]
    failures: list[FailureOut]
    attention: list[AttentionOut]

    @classmethod
    def of(cls, view: reports.DeliveryView) -> Self:
        members = {name: getattr(view, name) for name in cls.model_fields}
        parts = {
            "total": TallyOut.of(view.total),
            "channels": [ChannelOut.of(channel) for channel in view.channels],
            "failures": [FailureOut.of(failure) for failure in view.failures],
            "attention": [AttentionOut.of(found) for found in view.attention],
        }
        return cls(**members | parts)
