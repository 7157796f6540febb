"""Is this alert right, and may it be sent? Rules as small functions; `check` answers with all faults at once. Pure.

    core        CAP 1.2 and what Lookout refuses on top of it; asks no record and no jurisdiction
    import      core, an area that is placed and lies inside the jurisdiction; forgiving where meaning is certain
    authority   import, and the criteria of the programme, checked on the AMBER record

An error refuses, a warning is shown to the officer who approves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from alerts.criteria import check_record
from alerts.model import Alert, Info, MsgType, Problem, Severity, Status
from alerts.programme import Programme
from geo.jurisdictions import sticks_out
from geo.shapes import Shape

FORBIDDEN = re.compile(r"[\s,<&]")  # CAP 1.2 section 3.2.1, identifier and sender
FRESH = timedelta(hours=1)
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


class Policy(StrEnum):
    AUTHORITY = "authority"
    IMPORT = "import"
    CORE = "core"


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at."""

    alert: Alert
    programme: Programme
    jurisdiction: Shape | None
    area: Shape | None
    now: datetime
    policy: Policy

    @property
    def tells(self) -> bool:
        """Whether it tells people something new, so that it needs words and an area."""
        return self.alert.msg_type in {MsgType.ALERT, MsgType.UPDATE}

    @property
    def root(self) -> str:
        return "" if self.alert.record else "/alert"


Rule = Callable[[Case], Iterator[Problem]]


def is_stale(alert: Alert, programme: Programme, now: datetime) -> bool:
    """Whether it was sent longer ago than the programme lets any alert live: it may be kept, not broadcast."""
    return now - alert.sent_at > timedelta(seconds=programme.longest_expiry_s)


def check(
    alert: Alert,
    programme: Programme,
    jurisdiction: Shape | None,
    area: Shape | None,
    now: datetime,
    policy: str = Policy.AUTHORITY,
) -> list[Problem]:
    """Every fault at once. `area` is what `alerts.area` placed; its own faults are told there, not here again."""
    case = Case(alert, programme, jurisdiction, area, now, Policy(policy))
    found = [problem for rule in RULES[case.policy] for problem in rule(case)]
    return list(dict.fromkeys(found))


def refuses(problems: Sequence[Problem]) -> bool:
    """Whether any of them is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def identity(case: Case) -> Iterator[Problem]:
    """CAP 1.2 section 3.2.1: identifier and sender hold no spaces, commas, < or &."""
    for name in ("identifier", "sender"):
        if FORBIDDEN.search(getattr(case.alert, name)):
            yield Problem.error(
                f"{name}.characters", f"{case.root}/{name}", f"{name} must not hold spaces, commas, < or &"
            )


def scope(case: Case) -> Iterator[Problem]:
    """CAP 1.2 section 3.2.1: Restricted says whom, Private lists them."""
    alert = case.alert
    if alert.scope == "Restricted" and not alert.restriction:
        yield Problem.error("restriction.missing", "/alert", "a Restricted message must say its restriction")
    if alert.scope == "Private" and not alert.addresses:
        yield Problem.error("addresses.missing", "/alert", "a Private message must list its addresses")


def public(case: Case) -> Iterator[Problem]:
    """What is sent to people is public, and not a draft or an answer between systems."""
    alert = case.alert
    if alert.scope != "Public":
        yield Problem.error("scope.value", "/alert/scope", f"a {alert.scope} message is not for broadcasting")
    if alert.status is Status.DRAFT:
        yield Problem.error("status.value", "/alert/status", "a Draft is not for broadcasting")
    if alert.msg_type in {MsgType.ACK, MsgType.ERROR}:
        yield Problem.error(
            "msgType.value", "/alert/msgType", f"{alert.msg_type} is an answer between systems, not an alert"
        )


def references(case: Case) -> Iterator[Problem]:
    """An update or a cancel names what it is about: an earlier message, not itself."""
    alert = case.alert
    needs = alert.msg_type in {MsgType.UPDATE, MsgType.CANCEL}
    if needs and not alert.references and alert.record is None:
        yield Problem.error("references.missing", "/alert", f"{alert.msg_type} must name the message it is about")
    for reference in alert.references:
        if (reference.sender, reference.identifier) == (alert.sender, alert.identifier):
            yield Problem.error("references.self", "/alert/references", "a message cannot refer to itself")
        elif reference.sent_at > alert.sent_at:
            yield Problem.error("references.later", "/alert/references", "a message cannot refer to a later one")


def times(case: Case) -> Iterator[Problem]:
    """What has expired is not sent; nothing expires before it is sent."""
    for path, info in _infos(case):
        where = f"{path}/expires" if path else "/expires_at"
        if info.expires_at and info.expires_at <= case.alert.sent_at:
            yield Problem.error("expires.before_sent", where, "it expires before it was sent")
        elif info.expires_at and info.expires_at <= case.now and case.policy is not Policy.CORE:
            yield Problem.error("expires.past", where, "it has expired")


def fresh(case: Case) -> Iterator[Problem]:
    """An old message may be stale, one from the future may be wrong: whoever approves must see it."""
    path = f"{case.root}/sent" if case.root else "/sent_at"
    if case.alert.sent_at > case.now + timedelta(minutes=5):
        yield Problem.error("sent.future", path, "it was sent in the future: is the offset right?")
    elif case.alert.sent_at < case.now - FRESH:
        yield Problem.warning(
            "sent.old", path, f"it was sent on {case.alert.sent_at:%Y-%m-%d at %H:%M} UTC: is it still true?"
        )


def infos(case: Case) -> Iterator[Problem]:
    """People are told something, in languages that are named right, each once."""
    if not case.tells:
        return
    if not case.alert.infos:
        yield Problem.error("info.missing", "/alert", "there is no info: nothing to tell people")
    for path, info in _infos(case):
        if not LANGUAGE.fullmatch(info.language):
            yield Problem.error("language.value", f"{path}/language", "language must be a tag such as en-US (BCP 47)")
        if not (info.headline or info.description or case.policy is Policy.CORE):
            yield Problem.error(
                "headline.missing", path, "there is neither headline nor description: nothing to tell people"
            )


def links(case: Case) -> Iterator[Problem]:
    """A link is absolute and http or https: javascript:, data: and the like never reach a page."""
    for path, info in _infos(case):
        if info.web is not None and not _is_web(info.web):
            yield Problem.error(
                "web.value", f"{path}/web", "web must be a full address that begins with https:// or http://"
            )
        for n, resource in enumerate(info.resources, 1):
            scheme = _scheme(resource.uri)
            if scheme is None or scheme not in {"", "http", "https"}:
                yield Problem.error("uri.value", f"{path}/resource[{n}]/uri", "uri must be an http or https address")


def placed(case: Case) -> Iterator[Problem]:
    """Whoever tells people something needs an area; it lies inside the jurisdiction."""
    if not case.tells or case.area is None or case.jurisdiction is None:
        return
    part = sticks_out(case.area, case.jurisdiction)
    if part is not None and not part.is_empty:
        lon, lat = part.representative_point()
        said = f"the area leaves your jurisdiction, for one at latitude {lat:.3f}, longitude {lon:.3f}"
        yield Problem.error("area.jurisdiction", "/area" if case.alert.record else "/alert/info/area", said)


def criteria(case: Case) -> Iterator[Problem]:
    """The programme's criteria, on the record."""
    if case.alert.record is not None:
        yield from check_record(case.alert.record, case.programme, case.alert.expires_at, case.now)
    elif not case.alert.imported:
        yield Problem.error("record.missing", "", "there is no AMBER record")


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
        yield "" if case.alert.record else f"/alert/info[{n}]", info


def _is_web(address: str) -> bool:
    return _scheme(address) in {"http", "https"} and not re.search(r"\s", address)


def _scheme(address: str | None) -> str | None:
    """The scheme in lower case, empty for none; None where it is no address at all."""
    try:
        parts = urlsplit(address or "")
        return parts.scheme.lower() if parts.netloc or parts.scheme not in {"http", "https"} else None
    except ValueError:
        return None
