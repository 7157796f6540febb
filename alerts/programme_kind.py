"""What the rules of a programme are made of: each rule is data and cites its source.

A rule that the programme itself does not state is Lookout's own and says so (`own`). One whose source could not be
read has `checked` False: its programme can drill, and cannot go live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOUR_S = 3600

# Where a repeat takes the old notification's place on the screen. A second e-mail, SMS or post would only pile up.
REPLACED_IN_PLACE = ("web_push", "unified_push", "fcm", "apns")


class AlertClass(StrEnum):
    """What a person may choose to hear of. Which of them it is follows from the rule on abduction, not from a record:
    an update never takes an alert from one class into another.
    """

    ABDUCTION = "abduction"  # the programme asks for belief in an abduction
    ENDANGERED = "endangered"  # it does not: a missing child in danger, taken or not


class Rule(StrEnum):
    """The rules that every programme has, by what they are about."""

    AGE = "age"
    ABDUCTION = "abduction"
    DANGER = "danger"
    DESCRIPTION = "description"
    ENTRY = "entry"  # in a police information system, before the alert
    EXPIRY = "expiry"
    REPEAT = "repeat"
    APPROVAL = "approval"
    WAKING = "waking"  # whom quiet hours do not hold back
    OUTSIDE = "outside"  # whether an update also goes to those whom the area no longer holds


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands. `seen`: what was read of it, and when it was no more than a copy or a report."""

    document: str
    section: str
    url: str = ""
    seen: str = ""
    checked: bool = True

    def __str__(self) -> str:
        return ", ".join(part for part in (self.document, self.section, self.url) if part)


def own(why: str) -> Source:
    """A rule of Lookout's where the programme states none."""
    return Source("Lookout's own", why)


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme. `max_age` in completed years; `event` is CAP's, by language, the default first.

    `approves`: who may let an alert go under the programme. Lookout asks for two officers of the agency on top.
    `child_fields`: members that every child of the record must have.
    """

    id: str
    name: str
    max_age: int
    needs_abduction: bool  # a child lost without being taken does not qualify
    needs_ncic: bool
    default_expiry_s: int
    longest_expiry_s: int
    event: Mapping[str, str]
    approves: str
    sources: Mapping[Rule, Source] = field(repr=False)
    child_fields: tuple[str, ...] = ()
    tells_outside: bool = True  # an update also goes to whom earlier versions told and its area no longer holds
    repeat_after_s: int = HOUR_S  # an alert in force may be repeated no sooner than this after it was last said
    repeats_on: tuple[str, ...] = REPLACED_IN_PLACE  # the channels on which a repeat goes to who was told before
    # Where the record says that the danger is imminent: how near the child was last seen somebody is woken; None: nobody.
    wakes_within_m: float | None = 10_000.0
    event_code: str = "CAE"  # SAME, 47 CFR 11.31(e): Child Abduction Emergency

    @property
    def alert_class(self) -> AlertClass:
        """Of which of the classes that a person may refuse its alerts are."""
        return AlertClass.ABDUCTION if self.needs_abduction else AlertClass.ENDANGERED

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.event)

    @property
    def unchecked(self) -> tuple[Rule, ...]:
        """The rules whose source could not be read."""
        return tuple(rule for rule, source in self.sources.items() if not source.checked)

    @property
    def checked(self) -> bool:
        """Whether it can go live."""
        return not self.unchecked


def cited(common: Source, **others: Source) -> Mapping[Rule, Source]:
    """A source for every rule: `others` by the rule's name, Lookout's own for what programmes leave open, else `common`."""
    return {rule: others.get(rule.value) or OPEN.get(rule) or common for rule in Rule}


OPEN: Mapping[Rule, Source] = {
    Rule.ENTRY: own("the programme asks for no entry that a record could show"),
    Rule.EXPIRY: own("the programme states no hours; 24 at first and 72 at most, so that nobody looks out for ever"),
    Rule.REPEAT: own("the programme states no interval; an hour, so that a repeat is not noise"),
    Rule.WAKING: own("the programme says nothing of hours; within ten kilometres somebody may still see the child"),
    Rule.OUTSIDE: own("who was told to look out must not go on by what is no longer so"),
}
