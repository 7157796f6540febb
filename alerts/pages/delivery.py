"""Deliveries as operators read them: pure, from DeliveryView to words, numbers and bars. Nothing of a child is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.pages.render import number
from alerts.reports import ChannelDelivery, DeliveryView, Failure
from notifiers.attention import FEW, Attention
from notifiers.model import Tally

KEYS = (("sent", "sent"), ("flight", "in flight"), ("doubt", "in doubt"), ("failed", "failed or dropped"))
COLUMNS = (
    "Planned", "Waiting", "In flight", "Sent", "In doubt", "Failed", "Dropped", "Rate", "p50", "p95", "Repeats", "Arrived",
)  # fmt: skip
CHANNELS: Mapping[str, str] = {
    "web_push": "Web Push",
    "unified_push": "UnifiedPush",
    "email": "E-mail",
    "inbox": "Inbox",
    "sms": "SMS",
    "mqtt": "Signs (MQTT)",
    "apprise": "Posts (Apprise)",
}
WAYS: Mapping[str, str] = {
    "push": "Push", "email": "E-mail", "sms": "SMS", "app": "App", "inbox": "Inbox", "post": "Posts", "sign": "Signs",
    "hook": "Webhooks", "share": "Shared link", "other": "Other",
}  # fmt: skip
KINDS: Mapping[str, str] = {"alert": "Alert", "update": "Update", "cancel": "“It is over”"}
OVER: Mapping[str, str] = {"cancelled": "Stopped: cancelled", "expired": "Stopped: expired", "superseded": "Superseded"}
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
    numbers: tuple[tuple[str, str, str], ...]
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
        numbers=_numbers(view),
        bar=bar(view.total),
        bar_words=f"{number(view.total.sent)} of {number(view.total.planned)} sent",
        channels=tuple(_channel(channel) for channel in view.channels),
        failures=tuple(
            FailurePanel(CHANNELS.get(f.channel, f.channel), _reason(f), number(f.count)) for f in view.failures
        ),
        attention=tuple(_attention(one) for one in view.attention),
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


def latency(milliseconds: int | None) -> str:
    """A latency as people say it: 85 ms, 1.4 s, 3 min."""
    if milliseconds is None:
        return "\N{EN DASH}"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 120_000 else f"{milliseconds / 60_000:.0f} min"


def clock(now: datetime) -> str:
    """The clock over the page; it shows that the numbers are fresh."""
    return f"Live · {now:%H:%M:%S} UTC"


def live(panels: Sequence[Panel], now: datetime) -> dict[str, Any]:
    """What the page asks for each second: the value of every cell, the place of every bar, the page's shape."""
    values = {"clock": clock(now)}
    for one in panels:
        values |= {f"{one.id}-{key}": value for key, _, value in one.numbers}
        values |= {f"{one.id}-{c.key}-{key}": value for c in one.channels for key, value in c.cells}
        values |= {f"{one.id}-{key}": value for key, _, value in one.attention}
        values |= {f"{one.id}-f{row}": failure.count for row, failure in enumerate(one.failures, 1)}
    bars = {f"{one.id}-{key}": (x, width) for one in panels for key, x, width in one.bar}
    return {"shape": shape(panels), "values": values, "bars": bars}


def shape(panels: Iterable[Panel]) -> str:
    """A digest of all that is not a number: when it changes, the page is loaded anew."""
    parts = [
        (one.id, one.state, one.held_why, one.act, [c.key for c in one.channels],
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
    )


def _channel(channel: ChannelDelivery) -> ChannelPanel:
    tally = channel.tally
    counts = {
        "planned": tally.planned, "waiting": tally.waiting, "flight": tally.in_flight, "sent": tally.sent,
        "doubt": tally.in_doubt, "failed": tally.failed, "dropped": tally.dropped,
    }  # fmt: skip
    cells = [(key, number(count)) for key, count in counts.items()]
    cells += [("rate", f"{number(channel.rate_per_s)}/s"), ("p50", latency(channel.p50_ms))]
    cells += [("p95", latency(channel.p95_ms)), ("repeats", number(channel.repeats))]
    cells += [("arrived", number(channel.delivered) if channel.delivered else "\N{EN DASH}")]  # most services never say
    return ChannelPanel(channel.channel, CHANNELS.get(channel.channel, channel.channel), tuple(cells))


def _attention(found: Attention) -> tuple[str, str, str]:
    shown = f"fewer than {FEW}" if found.count is None else number(found.count)
    return f"{found.way}-{found.what}", f"{WAYS.get(found.way, found.way)}: {found.what}", shown


def _reason(failure: Failure) -> str:
    """The machine's word for it, in words where we know it, and whether it is tried again."""
    said = REASONS.get(failure.reason, failure.reason) or failure.result or "no reason given"
    return f"{said} (tried again)" if failure.waiting else said
