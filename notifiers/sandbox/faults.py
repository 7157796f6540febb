"""How the receivers are told to misbehave: rules, of which the first that fits a request acts on it.

slow    takes the message, and answers after `seconds`
status  does not take it: answers `status`, with Retry-After if `retry_after_s` is given (`as_date`: as an HTTP date)
early   does not take it: answers `status` before the body has come, and hangs up
refuse  the port of `origin` is closed: nobody connects (always all of it; one port stays open for us)
reset   does not take it: breaks the connection
cut     takes it, then breaks the connection in the middle of the answer
stall   takes it and never answers
drip    takes it, and gives its answer a byte every `seconds`
garbage takes it, and answers what is no HTTP

No rule is needed for two more: the name `nobody.invalid` has no address (DNS), and https to a port here meets a
receiver that speaks no TLS. E-mail knows slow, status, reset, cut and stall.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from email.utils import formatdate
from typing import Any

from notifiers.sandbox.counts import CHANNELS

KINDS = ("slow", "status", "early", "refuse", "reset", "cut", "stall", "drip", "garbage")


class BadFault(ValueError):
    """A rule that cannot be followed; the message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule. It fits requests of its `channel` and `origin` ("host:port", any if empty) to `only` (all if empty).

    `share` of them are hit: by chance each time, or if `sticky` always the same subscriptions. `times` bounds how often
    the rule acts at all.
    """

    kind: str
    channel: str = "web_push"
    origin: str = ""
    only: tuple[str, ...] = ()
    share: float = 1.0
    sticky: bool = False
    times: int | None = None
    seconds: float = 1.0
    status: int = 503
    retry_after_s: int | None = None
    as_date: bool = False

    def __post_init__(self) -> None:
        known = self.kind in KINDS and self.channel in CHANNELS
        if not known:
            raise BadFault(f"kind is one of {', '.join(KINDS)}; channel one of {', '.join(CHANNELS)}")
        if self.kind == "refuse" and not self.origin:
            raise BadFault("refuse names its origin")
        if not (0 <= self.share <= 1 and 0 <= self.seconds <= 3600 and 200 <= self.status <= 599):
            raise BadFault("share is from 0 to 1, seconds from 0 to 3600, status from 200 to 599")

    def retry_after(self, now: float) -> str | None:
        """The header's value (RFC 9110 section 10.2.3) at `now`, seconds since 1970."""
        if self.retry_after_s is None:
            return None
        return formatdate(now + self.retry_after_s, usegmt=True) if self.as_date else str(self.retry_after_s)

    def hits(self, channel: str, origin: str, who: str, rng: random.Random) -> bool:
        """Whether this request to subscription `who` is hit."""
        if channel != self.channel or (self.origin and origin != self.origin) or (self.only and who not in self.only):
            return False
        chance = zlib.crc32(who.encode()) / 2**32 if self.sticky else rng.random()
        return chance < self.share


class Faults:
    """The rules in force. The chance is seeded: the same run fails the same way."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._left: list[float] = []
        self._rng = random.Random(1)
        self.refuse: Callable[[frozenset[str]], None] = lambda _origins: None  # who listens sets it

    def replace(self, rules: Sequence[Fault]) -> None:
        """These rules and no others. BadFault if no port were left open."""
        self.refuse(frozenset(rule.origin for rule in rules if rule.kind == "refuse"))
        self._rules = list(rules)
        self._left = [float("inf") if rule.times is None else rule.times for rule in rules]
        self._rng = random.Random(1)

    def pick(self, channel: str, origin: str, who: str, *, early: bool = False) -> Fault | None:
        """The rule that acts on this request, if any; it has acted once more then. `early`: before its body has come."""
        for number, rule in enumerate(self._rules):
            if (
                rule.kind != "refuse"
                and (rule.kind == "early") == early
                and self._left[number] > 0
                and rule.hits(channel, origin, who, self._rng)
            ):
                self._left[number] -= 1
                return rule
        return None

    def told(self) -> list[dict[str, Any]]:
        """The rules as JSON has them."""
        return [asdict(rule) for rule in self._rules]


def read_faults(told: object) -> list[Fault]:
    """Rules from JSON: {"faults": [{...}, ...]}. BadFault for anything else."""
    rules = told.get("faults") if isinstance(told, Mapping) else None
    if not isinstance(rules, list):
        raise BadFault('want {"faults": [...]}')
    return [_read_fault(rule) for rule in rules]


def _read_fault(told: object) -> Fault:
    names = {field.name for field in fields(Fault)}
    if not isinstance(told, Mapping) or "kind" not in told or (unknown := set(told) - names):
        raise BadFault(f"a fault is an object with kind and any of {', '.join(sorted(names))}")
    del unknown
    try:
        return Fault(**{**told, "only": tuple(told.get("only", ()))})
    except TypeError as wrong:
        raise BadFault("a member of the fault has the wrong type") from wrong
