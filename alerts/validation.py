"""Is this alert right, and may it be sent? Rules as small functions; `check` answers with all faults at once. Pure.

    core        CAP 1.2 and what Lookout refuses on top of it; asks no record and no jurisdiction
    import      core, an area that is placed and lies inside the jurisdiction; forgiving where meaning is certain
    authority   import, and the criteria of the programme, checked on the AMBER record

An error refuses, a warning is shown to the officer who approves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.cap_values import LANGUAGE, NAME, scheme_of
from alerts.model import Alert, Info, MsgType, Problem, Severity, Status
from alerts.problems import Policy as Policy  # noqa: PLC0414

if TYPE_CHECKING:  # the core knows neither records nor maps
    from alerts.programme import Programme
    from geo.shapes import Shape

FRESH = timedelta(hours=1)
ROOT = "/cap:alert"


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at."""

    alert: Alert
    programme: Programme | None
    jurisdiction: Shape | None
    area: Shape | None
    now: datetime
    policy: Policy
    archive: bool = False  # it is to be kept, not broadcast

    @property
    def tells(self) -> bool:
        return tells(self.alert)

    @property
    def root(self) -> str:
        return "" if self.alert.record else ROOT

    def at(self, name: str) -> str:
        """The path of an element of the alert."""
        return f"{ROOT}/cap:{name}"


Rule = Callable[[Case], Iterator[Problem]]


def tells(alert: Alert) -> bool:
    """Whether it tells people something new, so that it needs words and an area."""
    return alert.msg_type in {MsgType.ALERT, MsgType.UPDATE}


def is_stale(alert: Alert, programme: Programme, now: datetime) -> bool:
    """Whether it was sent longer ago than the programme lets any alert live: it may be kept, not broadcast."""
    return now - alert.sent_at > timedelta(seconds=programme.longest_expiry_s)


def check(
    alert: Alert,
    programme: Programme | None,
    jurisdiction: Shape | None,
    area: Shape | None,
    now: datetime,
    policy: str = Policy.AUTHORITY,
    *,
    archive: bool = False,
) -> list[Problem]:
    """Every fault at once. `area` is what `alerts.area` placed; its own faults are told there, not here again.

    The core needs no programme; the other policies do where there is a record. `archive`: an import that is over may
    still be kept.
    """
    case = Case(alert, programme, jurisdiction, area, now, Policy(policy), archive)
    found = [problem for rule in RULES[case.policy] for problem in rule(case)]
    return list(dict.fromkeys(found))


def refuses(problems: Sequence[Problem]) -> bool:
    """Whether any of them is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def beside(known: Sequence[Problem], more: Sequence[Problem]) -> Iterator[Problem]:
    """What is found later, without that which only follows from a fault that is told already."""
    paths = [problem.path for problem in known if problem.severity is Severity.ERROR]
    told = {(problem.type, problem.path) for problem in known}
    for problem in more:
        if (problem.type, problem.path) not in told and not _follows(problem, paths):
            yield problem


def _follows(problem: Problem, wrong: Sequence[str]) -> bool:
    """Whether it is of a stand-in, or of a part that could not be read."""
    if problem.type in {"area-unplaced", "area-missing"}:
        return any(path.startswith(problem.path) and path != problem.path for path in wrong)
    if (
        problem.type in {"references-later", "expires-before-sent", "sent-old", "sent-future"}
        and f"{ROOT}/cap:sent" in wrong
    ):
        return True
    return problem.path in wrong and problem.path not in {ROOT, ""}


def identity(case: Case) -> Iterator[Problem]:
    """CAP 1.2 section 3.2.1: identifier and sender hold no spaces, commas, < or &."""
    for name in ("identifier", "sender"):
        text = getattr(case.alert, name)
        if text and not NAME.fullmatch(text):
            path = case.at(name) if case.root else f"/{name}"
            said = f'{name} is "{text[:60]}": no spaces, commas, < or & may stand in it'
            yield Problem.error(f"{name}-characters", path, said)


def scope(case: Case) -> Iterator[Problem]:
    """CAP 1.2 section 3.2.1: Restricted says whom, Private lists them."""
    alert = case.alert
    if alert.scope == "Restricted" and not alert.restriction:
        yield Problem.error("restriction-missing", case.at("scope"), "a Restricted message must say its restriction")
    if alert.scope == "Private" and not alert.addresses:
        yield Problem.error("addresses-missing", case.at("scope"), "a Private message must list its addresses")
    if alert.restriction and alert.scope != "Restricted":
        said = f"there is a restriction, and the scope is {alert.scope}: a restriction goes with Restricted"
        yield Problem.warning("restriction-without-scope", case.at("restriction"), said)


def public(case: Case) -> Iterator[Problem]:
    """What is sent to people is public, and not a draft or an answer between systems."""
    alert = case.alert
    if alert.scope != "Public":
        yield Problem.error("scope-not-public", case.at("scope"), f"a {alert.scope} message is not for broadcasting")
    if alert.status is Status.DRAFT:
        yield Problem.error("status-draft", case.at("status"), "a Draft is not for broadcasting")
    if alert.msg_type in {MsgType.ACK, MsgType.ERROR}:
        said = f"{alert.msg_type} is an answer between systems, not an alert"
        yield Problem.error("msgType-not-an-alert", case.at("msgType"), said)


def references(case: Case) -> Iterator[Problem]:
    """Whatever is no first alert names what it is about: an earlier message, not itself."""
    alert = case.alert
    if alert.msg_type is not MsgType.ALERT and not alert.references and alert.record is None:
        said = f"the msgType is {alert.msg_type}: references must name the message that it is about"
        yield Problem.error("references-missing", case.at("msgType"), said)
    for reference in alert.references:
        if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
            yield Problem.error("references-self", case.at("references"), "a message cannot refer to itself")
        elif reference.sent_at > alert.sent_at:
            said = f"it refers to a message sent on {_when(reference.sent_at)}, later than itself"
            yield Problem.error("references-later", case.at("references"), said)


def times(case: Case) -> Iterator[Problem]:
    """What has expired is not sent; nothing expires before it is sent, takes effect or sets in."""
    for path, info in _infos(case):
        where, ends = f"{path}/cap:expires" if path else "/expires_at", info.expires_at
        if ends is None:
            if path and case.tells and case.policy is not Policy.CORE:
                yield Problem.warning("expires-missing", path, "it does not say when it expires: the programme will")
            continue
        if ends <= case.alert.sent_at:
            said = (
                f"it expires on {_when(ends)}, and was sent on {_when(case.alert.sent_at)}: it was over before it began"
            )
            yield Problem.error("expires-before-sent", where, said)
        elif ends <= case.now and case.policy is not Policy.CORE:
            told = Problem.warning if case.archive and case.policy is Policy.IMPORT else Problem.error
            yield told("expires-past", where, f"it expired on {_when(ends)}: it may be kept, not broadcast")
        for name, starts in (("effective", info.effective_at), ("onset", info.onset_at)):
            if starts and ends <= starts:
                said = f"it expires on {_when(ends)}, and its {name} is {_when(starts)}: it would never be in force"
                yield Problem.error(f"expires-before-{name}", where, said)


def fresh(case: Case) -> Iterator[Problem]:
    """An old message may be stale, one from the future may be wrong: whoever approves must see it."""
    path, sent_at = case.at("sent") if case.root else "/sent_at", case.alert.sent_at
    if sent_at > case.now + timedelta(minutes=5):
        yield Problem.error(
            "sent-future", path, f"it was sent on {_when(sent_at)}, in the future: is the offset right?"
        )
    elif sent_at < case.now - FRESH:
        yield Problem.warning("sent-old", path, f"it was sent on {_when(sent_at)}: is it still true?")


def infos(case: Case) -> Iterator[Problem]:
    """People are told something, in languages that are named right. CAP itself lets an alert be without info."""
    broadcast = case.policy is not Policy.CORE
    if case.tells and not case.alert.infos:
        said = "there is no info: it tells people nothing"
        yield (Problem.error if broadcast else Problem.warning)("info-missing", case.root or "", said)
    for path, info in _infos(case):
        if not LANGUAGE.fullmatch(info.language):
            said = f'language is "{info.language[:40]}": it must be a tag such as en-US (BCP 47)'
            yield Problem.error("language-malformed", f"{path}/cap:language" if path else "/languages", said)
        if broadcast and case.tells and not (info.headline or info.description):
            said = "there is neither headline nor description: it tells people nothing"
            yield Problem.error("headline-missing", path, said)


def links(case: Case) -> Iterator[Problem]:
    """A link is absolute and http or https: javascript:, data: and the like never reach a page."""
    for path, info in _infos(case):
        if info.web is not None and scheme_of(info.web) not in {"http", "https"}:
            said = "web must be a full address that begins with https:// or http://"
            yield Problem.error("web-scheme", f"{path}/cap:web", said)
        for n, resource in enumerate(info.resources, 1):
            if resource.uri is not None and scheme_of(resource.uri) not in {"", "http", "https"}:
                said = "uri must be an http or https address"
                yield Problem.error("uri-scheme", f"{path}/cap:resource[{n}]/cap:uri", said)


def placed(case: Case) -> Iterator[Problem]:
    """Whoever tells people something needs an area; it lies inside the jurisdiction."""
    if not case.tells or case.area is None or case.jurisdiction is None:
        return
    from alerts import outside

    path = "/area" if case.alert.record else f"{ROOT}/cap:info/cap:area"
    if problem := outside.find(case.area, case.jurisdiction, path):
        yield problem


def criteria(case: Case) -> Iterator[Problem]:
    """The programme's criteria, on the record."""
    if case.alert.record is not None and case.programme is not None:
        from alerts.criteria import check_record

        yield from check_record(case.alert.record, case.programme, case.alert.expires_at, case.now)
    elif not case.alert.imported:
        yield Problem.error("record-missing", "", "there is no AMBER record")
    elif case.archive:
        said = "the criteria of the programme are checked on an AMBER record, and a CAP message carries none"
        yield Problem.warning("record-missing", case.root, said)


CORE: tuple[Rule, ...] = (identity, scope, references, times, infos, links)
BROADCAST: tuple[Rule, ...] = (*CORE, public, fresh, placed)
RULES: Mapping[Policy, tuple[Rule, ...]] = {
    Policy.CORE: CORE,
    Policy.IMPORT: BROADCAST,
    Policy.AUTHORITY: (*BROADCAST, criteria),
}


def _infos(case: Case) -> Iterator[tuple[str, Info]]:
    """Each info with its XPath; a record's infos are made by us and have no path of their own."""
    for n, info in enumerate(case.alert.infos, 1):
        yield "" if case.alert.record else f"{ROOT}/cap:info[{n}]", info


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d at %H:%M:%S} UTC"
