"""A message of a source becomes what it is to be: a draft, a new version of one, the end of one, or a line in the log.

Whatever is done and its line are one transaction, which asks whether this server still may (`may`): killed at any moment,
a message was taken in with its line or not at all, and comes again with the next poll. Nobody wrote what comes in, so it
is a draft of nobody (`Source.author_id`): one officer asks for its approval, and another gives it.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import replace

from sqlalchemy import Connection

from alerts import acting, agencies, cap, feed_log, signature_trust, signed_intake, store
from alerts.agencies import Officer, Use
from alerts.compose import Origin
from alerts.errors import Conflict, NotFound, Over, Refused
from alerts.feed_log import Line, Outcome
from alerts.feed_sources import Source
from alerts.feeds_in import fingerprints
from alerts.feeds_in.child_abduction import tells_of_one
from alerts.freshness import only_for_archive
from alerts.intake import Intake
from alerts.model import Alert, MsgType, Problem, Status
from alerts.service import end, replays
from alerts.service.bringing import cancel, draft, update
from alerts.service.brought import Lost, NotReady, Taking, tell, types_of
from alerts.service.end import May
from alerts.services import Services
from alerts.signature_trust import NoTrust
from notifiers.transactions import reading, writing

MOST_REFERENCES = 20  # remembered of one Cancel

__all__ = ["Lost", "NotReady", "entry_hash", "refuse", "take"]


def entry_hash(services: Services, *parts: bytes) -> bytes:
    """By what an entry is known again: keyed, so that no name is found by trying names."""
    secret = services.vault.derive(fingerprints.KEY_NAME, "entries of feeds")
    return hmac.digest(secret, b"\0".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def take(services: Services, source: Source, entry: bytes, content: bytes, may: May = end.always) -> Line:
    """What became of the CAP message `content`, which the index had as `entry`. Raises Lost and NotReady."""

    def taken() -> Line:
        acting.begin(f"feed:{source.id}")
        return _take(services, Taking(source, _author(services, source), entry, may), content)

    return copy_context().run(taken)


def refuse(services: Services, source: Source, entry: bytes, types: Sequence[str], may: May = end.always) -> None:
    """A line for what is no message at all, such as a broken entry of an index."""
    tell(services, may, Line(source.id, entry, Outcome.REFUSED, faults=tuple(types)))


def _author(services: Services, source: Source) -> Officer:
    with reading(services.engine) as connection:
        found = agencies.find_officer(connection, source.author_id)
    if found is None:
        raise NotReady("disabled")
    return found


def _take(services: Services, taking: Taking, content: bytes) -> Line:
    bare = Line(taking.source.id, taking.entry_hash, Outcome.REFUSED)
    try:
        intake = _read(services, taking, content)
    except Refused as refused:
        return tell(services, taking.may, replace(bare, faults=types_of(refused.problems)))
    line = _described(taking, intake.alert, bare)
    officer = replace(taking.officer, use=_use(services, intake.alert))
    return _judge(services, replace(taking, officer=officer), intake, line)


def _read(services: Services, taking: Taking, content: bytes) -> Intake:
    source, agency = taking.source, taking.officer.agency
    if agency is None:
        raise NotReady("agency")
    origin = Origin(agency.sender, agency.name, agency.programme)
    now, limits, gazetteer = services.clock(), services.settings, services.gazetteer
    folder = services.settings.trust_directory
    if source.trust is None:
        return signed_intake.read_brought(
            content, cap.CONTENT_TYPE, folder, now=now, limits=limits, origin=origin, gazetteer=gazetteer
        )
    try:
        trust = signature_trust.load_sources(folder).get(source.trust)
    except NoTrust:
        trust = None
    if trust is None:
        raise NotReady("trust")
    return signed_intake.read_signed(content, trust, now=now, limits=limits, origin=origin, gazetteer=gazetteer)


def _use(services: Services, alert: Alert) -> Use:
    """What is no real alert is made as in a drill, and meets only those who are enrolled for tests."""
    return Use.LIVE if services.settings.sandbox or alert.status is Status.ACTUAL else Use.DRILL


def _described(taking: Taking, alert: Alert, bare: Line) -> Line:
    agency_id = taking.source.agency_id
    return replace(
        bare,
        origin_hash=replays.origin_hash(agency_id, alert.sender, alert.identifier, alert.sent_at),
        sent_at=alert.sent_at,
        status=alert.status.value,
        msg_type=alert.msg_type.value,
        deviations=types_of(alert.deviations),
    )


def _judge(services: Services, taking: Taking, intake: Intake, line: Line) -> Line:
    alert = intake.alert
    with reading(services.engine) as connection:
        target = _target(connection, taking.source.agency_id, alert)
        known = _known(connection, line.origin_hash or b"")
    if alert.msg_type is MsgType.CANCEL and target is None:
        _remember(services, taking, alert)
    ours = tells_of_one(word for info in alert.infos for word in (info.event, *(code for _, code in info.event_codes)))
    if alert.msg_type in {MsgType.ACK, MsgType.ERROR} or not (ours or target):
        return tell(services, taking.may, replace(line, outcome=Outcome.OTHER))
    if known is not None:
        incident_id, source_id = known
        outcome = Outcome.REPLAYED if source_id in {None, taking.source.id} else Outcome.ATTACHED
        return tell(services, taking.may, replace(line, outcome=outcome, incident_id=incident_id))
    try:
        return _act(services, taking, intake, (target, line))
    except Refused as refused:
        return tell(services, taking.may, replace(line, faults=types_of(refused.problems)))
    except Over:
        return tell(services, taking.may, replace(line, incident_id=target, faults=("over",)))
    except (Conflict, NotFound):
        waits = replace(line, outcome=Outcome.WAITING, incident_id=target)
        return tell(services, taking.may, waits)


def _known(connection: Connection, origin_hash: bytes) -> tuple[int, int | None] | None:
    """(incident, source) that this very message came for before; source None: an officer brought it."""
    if found := feed_log.find_origin(connection, origin_hash):
        return found
    message = store.find_replay(connection, origin_hash)
    return (message.incident_id, None) if message else None


def _target(connection: Connection, agency_id: int, alert: Alert) -> int | None:
    """The incident that it refers to, by the newest of its references that is known here."""
    for one in reversed(alert.references):
        hashed = replays.origin_hash(agency_id, one.sender, one.identifier, one.sent_at)
        if found := _known(connection, hashed):
            return found[0]
    return None


def _remember(services: Services, taking: Taking, alert: Alert) -> None:
    """What a Cancel takes back that did not come yet: when it comes it is for nobody. Feeds keep no order."""
    if only_for_archive(alert, services.clock()):
        return
    source = taking.source
    with writing(services.engine) as connection:
        if not taking.may(connection):
            raise Lost
        for one in alert.references[:MOST_REFERENCES]:
            hashed = replays.origin_hash(source.agency_id, one.sender, one.identifier, one.sent_at)
            feed_log.take_back(connection, source.id, hashed, services.clock())


def _was_taken_back(services: Services, taking: Taking, line: Line) -> bool:
    with reading(services.engine) as connection:
        return feed_log.was_taken_back(connection, taking.source.id, line.origin_hash or b"")


def _act(services: Services, taking: Taking, intake: Intake, about: tuple[int | None, Line]) -> Line:
    target, line = about
    if intake.alert.msg_type is MsgType.CANCEL:
        return cancel(services, taking, intake, (target, line))
    if archived := only_for_archive(intake.alert, services.clock()):
        kept = replace(line, outcome=Outcome.ARCHIVED, incident_id=target, faults=types_of(archived))
        return tell(services, taking.may, kept)
    if intake.alert.status is Status.DRAFT:
        raise Refused([Problem.error("status-draft", "/cap:alert/cap:status", "a draft is not for anybody yet")])
    if target is None and _was_taken_back(services, taking, line):
        raise Refused([Problem.error("taken-back", "/cap:alert/cap:identifier", "its Cancel came before it")])
    if target is not None:
        return update(services, taking, intake, (target, line))
    return draft(services, taking, intake, line)
