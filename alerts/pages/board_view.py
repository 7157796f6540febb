"""The operator's screen in words and numbers: pure, from `Board` and `Pulse` to what page and stream show."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.board import Board, Provider
from alerts.pages.delivery import PROVIDERS, REASONS
from alerts.pages.looks import CHANNELS
from alerts.pages.measures import duration, latency
from alerts.pages.render import number
from alerts.pulse import SHARES, Point
from alerts.self_tests import Probe

SHOWN = 40  # receivers: those that rest, are throttled, tested or have work go first
LATELY_S = 60.0
WORDS = {"alert": "Alert", "update": "Update", "cancel": "Cancel"}
NONE = "\N{EN DASH}"

Number = tuple[str, str, str, str]  # key, label, value, style


@dataclass(frozen=True, slots=True)
class ProviderPanel:
    """One receiver. `state` is well, rests or ill; `tests` are (message, what came of it, when, style)."""

    key: str
    name: str
    origin: str
    channel: str
    state: str
    style: str
    why: str
    open: str
    rate: str
    limit: str
    tests: tuple[tuple[str, str, str, str], ...]


def strip(board: Board, points: Sequence[Point]) -> tuple[Number, ...]:
    """What is read from across the room."""
    last = points[-1] if points and board.now.timestamp() - points[-1].at_s < LATELY_S else None
    rate = sum(last.rates.values()) if last else 0.0
    waits = dict(zip((name for name, _ in SHARES), last.waits_s, strict=True)) if last else {}
    resting = sum(one.rests_s is not None for one in board.providers)
    return (
        ("b-force", "Alerts in force", number(board.in_force), "busy" if board.in_force else ""),
        ("b-open", "Still to send", number(board.open), "busy" if board.open else ""),
        ("b-oldest", "Oldest waits for", waited(board.oldest_s), "ill" if board.oldest_s > 900 else ""),
        ("b-rate", "Sent a second", number(rate), ""),
        *((f"b-{name}", f"{name} now", _wait(waits.get(name)), "") for name, _ in SHARES),
        ("b-workers", "Workers (busy)", f"{board.workers} ({board.busy})", "" if board.workers else "ill"),
        ("b-rest", "Providers resting", f"{resting} of {len(board.providers)}", "ill" if resting else ""),
        ("b-test", "Self-test", *tested_words(board)),
    )


def waited(seconds: float) -> str:
    """0 s, 45 s, 12 min, 3 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


def tested_words(board: Board) -> tuple[str, str]:
    """How the self-tests stand in a word, and its style."""
    found = [one for provider in board.providers for one in provider.tested]
    if not found:
        return "none", ""
    ill = {one.origin for one in found if not one.ok}
    return (f"{len(ill)} fail", "ill") if ill else ("well", "well")


def providers(board: Board) -> tuple[ProviderPanel, ...]:
    """Those that matter most first, then by name; keys by their place."""
    order = sorted(board.providers, key=lambda one: (_rank(one), one.channel, one.name))
    return tuple(_provider(number_, one, board.now) for number_, one in enumerate(order[:SHOWN]))


def live(board: Board, points: Sequence[Point]) -> dict[str, str]:
    """The value of every cell of strip and receivers."""
    values = {key: value for key, _, value, _ in strip(board, points)}
    for one in providers(board):
        values |= {f"{one.key}-open": one.open, f"{one.key}-why": one.why}
        values |= {f"{one.key}-t{n}": test[2] for n, test in enumerate(one.tests)}
    return values


def shape(board: Board, points: Sequence[Point]) -> str:
    """A digest of what is not a number: when it changes, the page is loaded anew."""
    styles = [(key, style) for key, _, _, style in strip(board, points)]
    rows = [(one.origin, one.state, one.limit, [test[:2] for test in one.tests]) for one in providers(board)]
    return hashlib.sha256(repr((styles, rows)).encode()).hexdigest()[:16]


def _rank(one: Provider) -> int:
    if one.rests_s is not None or any(not test.ok for test in one.tested):
        return 0
    return 1 if one.tested or one.open or one.set_by_hand else 2


def _provider(place: int, one: Provider, now: datetime) -> ProviderPanel:
    ill = any(not test.ok for test in one.tested)
    state, style = (
        ("Rests", "held") if one.rests_s is not None else ("Self-test fails", "held") if ill else ("Well", "active")
    )
    limited = math.isfinite(one.rate_per_s)
    return ProviderPanel(
        key=f"p{place}",
        name=PROVIDERS.get(one.name) or (CHANNELS.get(one.name, one.name) if "://" not in one.name else one.name),
        origin=one.name,
        channel=CHANNELS.get(one.channel, one.channel),
        state=state,
        style=style,
        why=_why(one),
        open=number(one.open),
        rate=f"{one.rate_per_s:g}" if one.set_by_hand else "",
        limit=(f"{number(one.rate_per_s)}/s" + (", set by hand" if one.set_by_hand else "")) if limited else "no limit",
        tests=tuple(_test(test, now) for test in one.tested),
    )


def _why(one: Provider) -> str:
    if one.rests_s is None:
        return ""
    return f"{REASONS.get(one.why, one.why) or 'it asked to wait'}; tried again in {duration(one.rests_s)}"


def _test(one: Probe, now: datetime) -> tuple[str, str, str, str]:
    said = latency(one.took_ms) if one.ok else REASONS.get(one.reason, one.reason) or one.result.replace("_", " ")
    age = waited((now - one.sent_at).total_seconds())
    return (
        WORDS.get(one.kind, one.kind),
        said if not one.ok else "through",
        f"{said}, {age} ago",
        "" if one.ok else "ill",
    )


def _wait(seconds: float | None) -> str:
    return NONE if seconds is None else latency(round(seconds * 1000))


def page(board: Board, points: Sequence[Point]) -> dict[str, Any]:
    """What the template shows of it."""
    return {"strip": strip(board, points), "providers": providers(board), "board_shape": shape(board, points)}
