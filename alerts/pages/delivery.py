"""Deliveries as operators read them: pure, from DeliveryView to words, numbers and bars. Nothing of a child is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.pages import looks
from alerts.pages.looks import CHANNELS
from alerts.pages.measures import duration, latency
from alerts.pages.render import number
from alerts.pages.words import moment
from alerts.reports import ChannelDelivery, DeliveryView, Failure
from notifiers.expecting import Expected
from notifiers.model import Tally

KEYS = (("sent", "sent"), ("flight", "in flight"), ("doubt", "in doubt"), ("failed", "failed or dropped"))
COLUMNS = (
    "Planned", "Waiting", "In flight", "Sent", "Arrived", "Retrying", "In doubt", "Failed", "Dropped", "Repeats", "Rate",
    "p50", "p95", "p99",
)  # fmt: skip
KINDS: Mapping[str, str] = {"alert": "Alert", "update": "Update", "cancel": "“It is over”"}
OVER: Mapping[str, str] = {"cancelled": "Stopped: cancelled", "expired": "Stopped: expired", "superseded": "Superseded"}
WHY: Mapping[str, str] = {
    "cancelled": "as the search is over",
    "expired": "as its time is over",
    "superseded": "replaced by a newer version",
    "left": "left meanwhile",
}
REASONS: Mapping[str, str] = {
    "410": "410: the device is gone",
    "404": "404: the device is gone",
    "429": "429: too many requests, the service asks to wait",
    "401": "401: the service does not accept our key",
    "403": "403: the service does not accept our key",
    "413": "413: the message is too large",
    "21211": "21211: no such number",
    "21610": "21610: unsubscribed at the carrier",
    "21614": "21614: not a mobile number",
    "30003": "30003: the phone was off or out of reach",
    "30007": "30007: filtered by the carrier",
    "timeout": "no answer in time",
    "in_doubt": "written, but no answer came",
    "unregistered": "unregistered: the app is gone from the device",
    "Unregistered": "Unregistered: the app is gone from the device",
    "sender_id_mismatch": "another app's token, or the wrong Firebase project",
    "third_party_auth_error": "Firebase has no valid key of Apple's",
    "BadDeviceToken": "no token of this APNs environment",
    "DeviceTokenNotForTopic": "another app's token, or the wrong topic",
    "InvalidProviderToken": "Apple does not accept our key",
    "ExpiredProviderToken": "Apple calls our token expired: is the clock right?",
    "token 400": "Google does not accept our service account",
    "token 401": "Google does not accept our service account",
}
PROVIDERS: Mapping[str, str] = {
    "fcm": "Firebase (FCM)",
    "apns": "Apple (APNs)",
    "smtp": "the mail relay",
    "sms": "the SMS gateway",
}
_BAR = 1000

Cell = tuple[str, str]
Bar = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class ChannelPanel:
    key: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FailurePanel:
    channel: str
    reason: str
    count: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One notice: `style` colours its state, `numbers` are (key, label, value), `bar` is (key, x, width) of 1000."""

    id: int
    title: str
    reference: str
    state: str
    style: str
    held_why: str | None
    act: str | None  # pause, resume
    act_words: str
    effect: str  # what that does, in words
    recall: str  # what recalling the whole alert does, in words; empty where it cannot be recalled any more
    numbers: tuple[tuple[str, str, str], ...]
    reached: tuple[tuple[str, str, str], ...]
    dropped: str
    asleep: str
    expected: str
    bar: tuple[Bar, ...]
    bar_words: str
    channels: tuple[ChannelPanel, ...]
    failures: tuple[FailurePanel, ...]
    attention: tuple[tuple[str, str, str], ...]  # key, words, count


def panel(view: DeliveryView) -> Panel:
    """One notice's panel."""
    state, style = state_of(view)
    act, act_words = act_of(view)
    return Panel(
        id=view.notice_id,
        title=f"{KINDS.get(view.kind, view.kind)}, version {view.version}",
        reference=f"{view.token[:8]} · message {view.number} · {view.status}",
        state=state,
        style=style,
        held_why=None if view.over else view.held_why,
        act=act,
        act_words=act_words,
        effect=effect_of(view, act),
        recall=recall_of(view),
        numbers=_numbers(view),
        reached=_reached(view),
        dropped=_dropped(view),
        asleep=_asleep(view),
        expected=expected_words(view.expected) if view.state == "planned" and not view.paused else "",
        bar=bar(view.total),
        bar_words=f"{number(view.total.sent)} of {number(view.total.planned)} sent",
        channels=tuple(_channel(channel) for channel in view.channels),
        failures=tuple(
            FailurePanel(CHANNELS.get(f.channel, f.channel), _reason(f), number(f.count)) for f in view.failures
        ),
        attention=looks.told(view.attention),
    )


def state_of(view: DeliveryView) -> tuple[str, str]:
    """The notice's state in a word, and its style."""
    if view.over:
        return OVER.get(view.over, view.over), ""
    if view.state == "held":
        return "Held", "held"
    if view.paused:
        return "Paused", "pending"
    if view.state == "queued":
        return "Matching", "pending"
    return ("Delivering", "active") if view.total.open else ("Done", "")


def act_of(view: DeliveryView) -> tuple[str | None, str]:
    """What an operator may do with it now, and the words on the button."""
    if view.over:
        return None, ""
    if view.state == "held":
        people = "" if view.matched is None else f" to {number(view.matched)} people"
        return "resume", f"Send{people} after all"
    if view.paused:
        return "resume", "Resume sending"
    return ("pause", "Pause sending") if view.total.open or view.state == "queued" else (None, "")


def effect_of(view: DeliveryView, act: str | None) -> str:
    """What the button does, to be read before it is pressed."""
    if act == "pause":
        return f"Nothing more of it leaves until somebody resumes it: {number(view.total.open)} are still to go. What has left stays out."
    if act == "resume" and view.state == "held":
        return "It leaves now, to everybody who is found in its area. Read first why it was held."
    return f"Sending goes on to the {number(view.total.open)} that wait." if act else ""


def recall_of(view: DeliveryView) -> str:
    """What recalling the alert does; empty for what is over, and for the message that it is over."""
    if view.over or view.kind == "cancel":
        return ""
    told = view.total.sent + view.total.in_doubt + view.total.in_flight
    return (
        f"It ends the whole alert, for good: its page says that it is over, nobody else is told, the child's data is"
        f" destroyed, and everybody who was told ({number(told)} by this message) is told that it is over."
    )


def bar(total: Tally) -> tuple[Bar, ...]:
    """Stacked parts of the planned, each (key, x, width) of 1000; what waits is left empty."""
    failed = total.failed + total.dropped
    parts = (("sent", total.sent), ("flight", total.in_flight), ("doubt", total.in_doubt), ("failed", failed))
    drawn, x, done = [], 0, 0
    for key, count in parts:
        done += count
        end = round(_BAR * done / max(total.planned, 1))
        drawn.append((key, x, end - x))
        x = end
    return tuple(drawn)


def expected_words(found: Expected | None) -> str:
    """When the last one is to be expected, and what the ceiling is; empty where it is a matter of seconds."""
    if found is None or not found.worth_saying:
        return ""
    if found.origin is None:
        return f"The last one is expected in about {duration(found.seconds)} at the pace so far."
    who = PROVIDERS.get(found.origin) or CHANNELS.get(found.origin, found.origin)
    return (
        f"The last one is expected in about {duration(found.seconds)}: {who} takes {number(found.rate_per_s)} a second."
    )


def clock(now: datetime) -> str:
    """The clock over the page; it shows that the numbers are fresh."""
    return f"Live · {now:%H:%M:%S} UTC"


def live(panels: Sequence[Panel], now: datetime) -> dict[str, Any]:
    """What the page asks for each second: the value of every cell, the place of every bar, the page's shape."""
    values = {"clock": clock(now)}
    for one in panels:
        values |= {f"{one.id}-{key}": value for key, _, value in (*one.numbers, *one.reached)}
        values |= {f"{one.id}-dropped": one.dropped, f"{one.id}-expected": one.expected}
        values |= {f"{one.id}-{c.key}-{key}": value for c in one.channels for key, value in c.cells}
        values |= {f"{one.id}-{key}": value for key, _, value in one.attention}
        values |= {f"{one.id}-f{row}": failure.count for row, failure in enumerate(one.failures, 1)}
    bars = {f"{one.id}-{key}": (x, width) for one in panels for key, x, width in one.bar}
    return {"shape": shape(panels), "values": values, "bars": bars}


def shape(panels: Iterable[Panel]) -> str:
    """A digest of all that is not a number: when it changes, the page is loaded anew."""
    parts = [
        (one.id, one.state, one.held_why, one.act, bool(one.dropped), bool(one.expected), [c.key for c in one.channels],
         [(f.channel, f.reason) for f in one.failures], [key for key, _, _ in one.attention])
        for one in panels
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _numbers(view: DeliveryView) -> tuple[tuple[str, str, str], ...]:
    total, rate = view.total, sum(channel.rate_per_s for channel in view.channels)
    return (
        ("matched", "Matched", "…" if view.matched is None else number(view.matched)),
        ("planned", "Planned", number(total.planned)),
        ("sent", "Sent", number(total.sent)),
        ("open", "To go", number(total.open)),
        ("doubt", "In doubt", number(total.in_doubt)),
        ("failed", "Failed", number(total.failed)),
        ("rate", "Per second", number(rate)),
        *((what, what.capitalize(), looks.summed(view.attention, what)) for what in ("opened", "shared")),
        ("left", "Left after it", looks.left(view.attention, total.sent)),
    )


def _reached(view: DeliveryView) -> tuple[tuple[str, str, str], ...]:
    """Receivers reached at 1, 2, 5 and 15 minutes after the approval: exact counts, not read off a curve."""
    return tuple((f"within-{mark}", f"{mark // 60} min", number(n)) for mark, n in view.sent_within.items())


def _dropped(view: DeliveryView) -> str:
    """How many were dropped and why; empty where nobody was."""
    parts = [f"{number(count)} {WHY.get(why, why)}" for why, count in view.dropped_why.items() if count]
    return f"{number(view.total.dropped)} not sent any more: {', '.join(parts)}" if parts else ""


def _asleep(view: DeliveryView) -> str:
    """How many wait for the end of their quiet hours; empty where nobody does, or nobody will be told any more."""
    count = sum(channel.quiet for channel in view.channels)
    if not count or view.over:
        return ""
    last_at = max(channel.quiet_until for channel in view.channels if channel.quiet_until)
    return f"{number(count)} wait for the end of their quiet hours, the last until {moment(last_at)}"


def _channel(channel: ChannelDelivery) -> ChannelPanel:
    tally = channel.tally
    counts = {
        "planned": tally.planned, "waiting": tally.waiting, "flight": tally.in_flight, "sent": tally.sent,
        "arrived": channel.delivered, "retrying": channel.retrying, "doubt": tally.in_doubt, "failed": tally.failed,
        "dropped": tally.dropped, "repeats": channel.repeats,
    }  # fmt: skip
    unsaid = {"arrived"} if not channel.delivered else set()  # most services never say
    cells = [(key, "\N{EN DASH}" if key in unsaid else number(count)) for key, count in counts.items()]
    cells += [("rate", f"{number(channel.rate_per_s)}/s"), ("p50", latency(channel.p50_ms))]
    cells += [("p95", latency(channel.p95_ms)), ("p99", latency(channel.p99_ms))]
    return ChannelPanel(channel.channel, CHANNELS.get(channel.channel, channel.channel), tuple(cells))


def _reason(failure: Failure) -> str:
    """The machine's word for it, in words where we know it, and whether it is tried again."""
    said = REASONS.get(failure.reason, failure.reason) or failure.result or "no reason given"
    return f"{said} (tried again)" if failure.waiting else said
