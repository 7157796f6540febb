"""Approval by rule: the draft of a source comes into force without an officer, where two people said that it may.

Everything is asked at the moment of approval, of what is stored then: that the rule is still on, that nobody but the
source wrote a word, the signature, the jurisdiction, the hour, and how many people are reached, counted on the index that
sends. What is in doubt stays a draft. Fail closed: there is no reason for which a rule approves more than an officer may.
"""

from __future__ import annotations

from contextvars import copy_context

import structlog
from sqlalchemy import Connection

from alerts import acting, agencies, audit, errors, feed_log, feed_sources, store
from alerts.agencies import Agency, Officer
from alerts.feed_log import Entry
from alerts.feed_sources import Source
from alerts.incident import State
from alerts.model import MsgType, Severity, Status
from alerts.reports import Decision, Submission
from alerts.service import decide, same
from alerts.service.brought import Lost
from alerts.service.chain import load_case
from alerts.service.decide import ReachGrown
from alerts.service.drafting import check_again
from alerts.service.end import May, always
from alerts.service.ground import LeavesJurisdiction
from alerts.service.kept import beside
from alerts.service.sealed import Opened, unseal
from alerts.services import Services
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

log = structlog.get_logger()

APPROVED = "approved"
# Deviations of form: they change no word, no place and no time of what people are told.
HARMLESS = frozenset({"web-empty", *(f"{name}-utc-form" for name in ("sent", "effective", "onset", "expires"))})


class _Doubt(Exception):
    """Left to people; the message is the word why."""


def decide_due(services: Services, source_id: int, may: May = always) -> int:
    """All drafts of a source that its rule has not decided on; how many it approved."""
    with reading(services.engine) as connection:
        source, due = feed_sources.find(connection, source_id), feed_log.list_due(connection, source_id)
    if source is None:
        return 0
    return sum(copy_context().run(_decide, services, source, one, may) for one in reversed(due))


def _decide(services: Services, source: Source, entry: Entry, may: May) -> bool:
    acting.begin(f"feed:{source.id}")
    try:
        _approve(services, source, entry, may)
    except _Doubt as doubt:
        _leave(services, source, entry, may, str(doubt))
        return False
    return True


def _leave(services: Services, source: Source, entry: Entry, may: May, word: str) -> None:
    """To people, and why."""
    now = services.clock()
    with writing(services.engine) as connection:
        if not may(connection):
            raise Lost
        feed_log.set_rule(connection, entry.line.message_id or 0, word)
        about = {"incident_id": entry.line.incident_id, "message_id": entry.line.message_id}
        audit.write(connection, f"feed:{source.id}", "feed_rule", now, detail={"left": word}, **about)
    log.info("feed_rule_left", source=source.id, why=word)


def _approve(services: Services, source: Source, entry: Entry, may: May) -> None:
    officer, row, opened = _look(services, source, entry)
    _must_be_sure(services, source, officer, opened)
    found = same.find(services, source.agency_id, opened.alert, opened.area, but=row.incident_id)
    if found.same is not None or found.perhaps:
        raise _Doubt("perhaps")

    def write(connection: Connection, left: Submission | Decision) -> None:
        if not may(connection):
            raise Lost
        if same.came_since(connection, found.newest, row.incident_id):
            raise _Doubt("perhaps")
        _must_stand(connection, source, row.id, left.reach)
        feed_log.set_rule(connection, row.id, APPROVED)
        detail: audit.Detail = {"change": source.rule_change_id, "reach": left.reach, "content_hash": row.content_hash}
        about = {"incident_id": row.incident_id, "message_id": row.id}
        audit.write(connection, f"feed:{source.id}", "feed_rule", services.clock(), detail=detail, **about)

    try:
        with beside(write):
            decide.approve_draft(services, officer, row.public_id, row.content_hash, asker=source.author_id)
    except errors.LookoutError as refused:
        raise _Doubt(_word(refused)) from None


def _look(services: Services, source: Source, entry: Entry) -> tuple[Officer, store.MessageRow, Opened]:
    """The rule's officer, and the draft as it is now."""
    with reading(services.engine) as connection:
        officer = agencies.find_officer(connection, source.rule_id)
        row = store.find_message(connection, entry.alert_id or "")
        if officer is None or row is None:
            raise _Doubt("off")
        if row.state != State.DRAFT:
            raise _Doubt("people")
        if feed_log.brought_by(connection, row.incident_id) != source.id:
            raise _Doubt("not its own")
        case = load_case(connection, store.get_incident(connection, row.incident_id))
    try:
        return officer, row, unseal(services.vault, case.row.key_name, row)
    except KeyGone:
        raise _Doubt("over") from None


def _must_be_sure(services: Services, source: Source, officer: Officer, opened: Opened) -> None:
    """Of what it is and says, whoever is reached."""
    alert, agency = opened.alert, officer.agency
    if not (source.rule_on and source.enabled):
        raise _Doubt("off")
    if source.trust is None or alert.signed_by is None or alert.signed_by.source != source.trust:
        raise _Doubt("unsigned")
    if alert.status is not Status.ACTUAL or alert.scope != "Public":
        raise _Doubt("not actual" if alert.scope == "Public" else "not public")
    if agency is None or not _is_live(services, agency):
        raise _Doubt("not live")
    if alert.msg_type not in {MsgType.ALERT, MsgType.UPDATE}:
        raise _Doubt("kind")
    problems = check_again(services, officer, alert, opened.area)
    if any(one.severity is not Severity.ADVICE and one.type not in HARMLESS for one in problems):
        raise _Doubt("deviation")


def _is_live(services: Services, agency: Agency) -> bool:
    return agency.live or services.settings.sandbox


def _must_stand(connection: Connection, source: Source, message_id: int, reach: int) -> None:
    """In the approval's own transaction: the rule as it was confirmed, nobody else's word, and the cap."""
    now = feed_sources.find(connection, source.id)
    same_rule = now is not None and (now.rule_change_id, now.change_id) == (source.rule_change_id, source.change_id)
    if now is None or not same_rule or not now.rule_on or not now.enabled:
        raise _Doubt("off")
    if set(store.list_authors(connection, message_id)) != {source.author_id}:
        raise _Doubt("people")
    if now.reach_cap is None or reach > now.reach_cap:
        raise _Doubt("over cap")


def _word(refused: errors.LookoutError) -> str:
    """Why the approval that an officer would give is not given."""
    for kind, word in _WORDS:
        if isinstance(refused, kind):
            return word
    return "refused"


_WORDS: tuple[tuple[type[errors.LookoutError], str], ...] = (
    (LeavesJurisdiction, "jurisdiction"),
    (ReachGrown, "over cap"),
    (errors.Refused, "needs a reason"),
    (errors.Over, "over"),
    (errors.Conflict, "people"),
    (errors.NotAllowed, "people"),
    (errors.NotFound, "over"),
)
