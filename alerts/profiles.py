"""Profiles of CAP: what a receiver asks beside the standard. Rules as data, each with its source. Pure.

A rule whose source could be read says where it stands. One that is known only from the reference validator's reading of
it (google/cap-library, which quotes the documents) is `unchecked`, and its problems say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from alerts.model import Alert, Area, Info, MsgType, Status
from alerts.problems import Problem, Severity

ROOT = "/cap:alert"
Found = Iterator[tuple[str, str]]  # path, sentence
Look = Callable[[Alert], Found]


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand of a profile: the type of its problem, how grave it is, where it is written, and how it is looked for."""

    type: str
    severity: Severity
    source: str
    look: Look
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What one receiver asks. `document` is where it is published."""

    name: str
    title: str
    document: str
    rules: tuple[Rule, ...]

    def check(self, alert: Alert) -> Iterator[Problem]:
        """What the alert does not meet."""
        for rule in self.rules:
            mark = rule.source if rule.checked else f"{rule.source}; unchecked"
            for path, said in rule.look(alert):
                yield Problem(rule.severity, rule.type, path, f"{said} ({mark})")


def _infos(alert: Alert) -> Iterator[tuple[str, Info]]:
    for number, info in enumerate(alert.infos, 1):
        yield f"{ROOT}/cap:info[{number}]", info


def _areas(alert: Alert) -> Iterator[tuple[str, Area]]:
    for path, info in _infos(alert):
        for number, area in enumerate(info.areas, 1):
            yield f"{path}/cap:area[{number}]", area


# The kinds of demand, from which the rules are made.


def has_code(wanted: str, *, prefix: bool = False) -> Look:
    """The code names the profile."""

    def look(alert: Alert) -> Found:
        if not any(code.startswith(wanted) if prefix else code == wanted for code in alert.codes):
            yield ROOT, f"there is no code {wanted}: it says which profile the message follows"

    return look


def info_has(member: str, name: str, why: str) -> Look:
    """Each info says something under this name."""

    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            if not getattr(info, member):
                yield path, f"{name} is missing in info: {why}"

    return look


def info_lacks(member: str, name: str, why: str, only: frozenset[MsgType] = frozenset(MsgType)) -> Look:
    """No info says anything under this name."""

    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            if alert.msg_type in only and getattr(info, member):
                yield f"{path}/cap:{name}", f"{name} is given: {why}"

    return look


def same_in_all(member: str, name: str) -> Look:
    """All infos say the same, in whatever language."""

    def look(alert: Alert) -> Found:
        first: frozenset[object] | None = None
        for path, info in _infos(alert):
            said = frozenset(getattr(info, member))
            if first is None:
                first = said
            elif said != first:
                yield path, f"{name} differs from that of the first info: all must be about one event"

    return look


def event_code(names: re.Pattern[str], values: re.Pattern[str], wanted: str, *, once: bool = False) -> Look:
    """Each info has an eventCode of a list, or exactly one."""

    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            of_list = [value for name, value in info.event_codes if names.fullmatch(name)]
            if not of_list:
                yield path, f"there is no eventCode {wanted}"
            elif once and len(of_list) > 1:
                yield path, f"there are {len(of_list)} eventCodes: there must be one {wanted}"
            elif not all(values.fullmatch(value) for value in of_list):
                yield path, f'eventCode is "{of_list[0][:40]}": it must be {wanted}'

    return look


def geocode(names: re.Pattern[str], values: re.Pattern[str], wanted: str, *, without_shape: bool = False) -> Look:
    """Each area (or only each that is not drawn) has a geocode of a list."""

    def look(alert: Alert) -> Found:
        for path, area in _areas(alert):
            if without_shape and (area.polygons or area.circles):
                continue
            if not any(names.fullmatch(name) and values.fullmatch(value) for name, value in area.geocodes):
                yield path, f"there is no geocode {wanted}"

    return look


def drawn(alert: Alert) -> Found:
    """Each info with areas draws one of them."""
    for path, info in _infos(alert):
        if info.areas and not any(area.polygons or area.circles for area in info.areas):
            yield f"{path}/cap:area[1]", "there is neither polygon nor circle: they say more exactly where it is"


def placed(alert: Alert) -> Found:
    """Each area can be found on a map."""
    for path, area in _areas(alert):
        if not (area.polygons or area.circles or area.geocodes):
            yield path, "the area has no polygon, circle or geocode: it cannot be found on a map"


def no_zero_circle(alert: Alert) -> Found:
    for path, area in _areas(alert):
        for number, circle in enumerate(area.circles, 1):
            if circle.radius_m < 100:
                yield f"{path}/cap:circle[{number}]", f"the radius is {circle.radius_m:g} m: nobody would be shown it"


def has_references(alert: Alert) -> Found:
    if alert.msg_type in {MsgType.UPDATE, MsgType.CANCEL} and not alert.references:
        yield f"{ROOT}/cap:msgType", f"the msgType is {alert.msg_type}: references must name all messages in force"


def has_info(alert: Alert) -> Found:
    if alert.msg_type not in {MsgType.ACK, MsgType.ERROR} and not alert.infos:
        yield ROOT, "there is no info: what is for the public must have one"


def has_area(alert: Alert) -> Found:
    for path, info in _infos(alert):
        if not info.areas:
            yield path, "area is missing in info: who is meant?"


def two_languages(first: str, second: str) -> Look:
    def look(alert: Alert) -> Found:
        spoken = {info.language.partition("-")[0].lower() for info in alert.infos}
        if alert.infos and not {first, second} <= spoken:
            yield ROOT, f"the languages are {', '.join(sorted(spoken))}: say it in {first} and in {second}"

    return look


def same_event(alert: Alert) -> Found:
    """Infos of one language name one event."""
    events: dict[str, str] = {}
    for path, info in _infos(alert):
        if events.setdefault(info.language, info.event) != info.event:
            yield f"{path}/cap:event", "event differs from that of another info of the same language"


def known(member: str) -> Look:
    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            if getattr(info, member) == "Unknown":
                yield f"{path}/cap:{member}", f"{member} is Unknown: the alert cannot be ranked"

    return look


def at_most(member: str, name: str, most: int) -> Look:
    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            length = len(getattr(info, member) or "")
            if length > most:
                yield f"{path}/cap:{name}", f"{name} has {length} characters: at most {most} are shown"

    return look


def short_areas(most: int) -> Look:
    def look(alert: Alert) -> Found:
        for path, area in _areas(alert):
            if len(area.description) > most:
                said = (
                    f"areaDesc has {len(area.description)} characters: keep it to {most}, it becomes part of the title"
                )
                yield f"{path}/cap:areaDesc", said

    return look


def differs(one: str, other: str) -> Look:
    def look(alert: Alert) -> Found:
        for path, info in _infos(alert):
            if getattr(info, one) and getattr(info, one) == getattr(info, other):
                yield f"{path}/cap:{one}", f"{one} and {other} are the same: each has something of its own to say"

    return look


def sender_is_address(alert: Alert) -> Found:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", alert.sender):
        yield f"{ROOT}/cap:sender", "sender should be an address such as duty@agency.example"


def shown_to_public(alert: Alert) -> Found:
    if alert.status is not Status.ACTUAL:
        yield f"{ROOT}/cap:status", f"the status is {alert.status}: only Actual is shown to the public"
    if alert.scope != "Public":
        yield f"{ROOT}/cap:scope", f"the scope is {alert.scope}: only Public is shown to the public"


def rules(
    severity: Severity, source: str, table: Iterable[tuple[str, str, Look]], *, checked: bool = False
) -> tuple[Rule, ...]:
    """Rows of (type, section, look) of one document as rules."""
    return tuple(Rule(type_, severity, f"{source}, {section}", look, checked) for type_, section, look in table)


Profiles = Mapping[str, Profile]
