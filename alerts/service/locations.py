"""Where a partner's people are, told by the ten thousand: looked up, stored, put on the map, block by block.

A line is stored whole or not at all. A line that is wrong refuses itself alone: the others are people whose place would
else stay the wrong one. (A partner that wants it otherwise says so, and then nothing is stored unless every line is
right.) A block is one transaction; stopped in between, the same body is simply sent again: what is stored already, or
is older than what is stored, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from alerts import location_lines
from alerts.errors import TooLarge
from alerts.location_lines import MAX_LINES, Fault, Told
from alerts.model import Problem
from alerts.partners import Partner
from alerts.service.arrivals import follow
from alerts.services import Services
from geo import store as positions
from geo.store import Position
from notifiers import addresses, persons
from notifiers.transactions import reading, writing

BLOCK = 5_000  # lines a transaction: others write in between
Place = tuple[int, str, int]  # recipient, kind, number


@dataclass(slots=True)
class Report:
    """What came of a body: lines that were not empty, places that are now stored, lines that changed nothing (older than
    what is stored, or the same), and every fault.
    """

    lines: int = 0
    stored: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Lines, whatever the number of their faults."""
        return len({fault.line for fault in self.faults})


def take(services: Services, partner: Partner, body: bytes, *, strict: bool = False) -> Report:
    """Stores what NDJSON says of the partner's people. `strict`: nothing is, if there is any fault. TooLarge."""
    lines = body.split(b"\n")
    if len(lines) > MAX_LINES + 1:
        raise TooLarge([Problem.error("lines.many", "", f"a body may have at most {MAX_LINES} lines")])
    secret, now, report = addresses.secret(services.vault), services.clock(), Report()
    if strict and not _all_right(services, partner, lines, secret, report):
        return report
    report = Report()
    for told, faults in _blocks(lines, now):
        report.faults += faults
        _take(services, [persons.keyed_hash(secret, partner.name, one.person) for one in told], told, now, report)
        report.lines += len(told) + len({fault.line for fault in faults})
    return report


def _all_right(services: Services, partner: Partner, lines: list[bytes], secret: bytes, report: Report) -> bool:
    """Whether all could be taken; if not, `report` says why."""
    for told, faults in _blocks(lines, services.clock()):
        hashes = [persons.keyed_hash(secret, partner.name, one.person) for one in told]
        with reading(services.engine) as connection:
            known = persons.find(connection, hashes)
            report.faults += [*faults, *_strangers(connection, told, hashes, known)]
        report.lines += len(told) + len({fault.line for fault in faults})
    return not report.faults


def _blocks(lines: list[bytes], now: datetime) -> Iterator[tuple[list[Told], list[Fault]]]:
    for start in range(0, len(lines), BLOCK):
        yield location_lines.read(lines[start : start + BLOCK], start + 1, now)


def _take(services: Services, hashes: list[bytes], told: Sequence[Told], now: datetime, report: Report) -> None:
    """One block: one transaction, then the map."""
    if not told:
        return
    with writing(services.engine) as connection:
        known = persons.find(connection, hashes)
        strangers = _strangers(connection, told, hashes, known) if len(known) < len(hashes) else []
        stored = _store(connection, _newest(told, hashes, known, now), now)
    report.faults += strangers
    report.stored += stored
    report.unchanged += len(told) - len(strangers) - stored
    if stored:
        follow(services)


def _store(connection: Connection, rows: list[Position], now: datetime) -> int:
    """How many places are another now."""
    seq = positions.place(connection, rows, now, keep_newer=True)
    return positions.count_since(connection, seq - 1)


def _newest(told: Sequence[Told], hashes: list[bytes], known: dict[bytes, int], now: datetime) -> list[Position]:
    """One row a place: of several lines the newest, of two as new the later one."""
    rows: dict[Place, Position] = {}
    for one, hash_ in zip(told, hashes, strict=True):
        recipient_id = known.get(hash_)
        if recipient_id is None:
            continue
        place, at = (recipient_id, one.kind, one.number), one.at or now
        before = rows.get(place)
        if before is None or before.at is None or before.at <= at:
            rows[place] = Position(recipient_id, one.lon, one.lat, one.radius_m, one.kind, one.number, at)
    return sorted(rows.values())  # neighbours in the table are written together


def _strangers(
    connection: Connection, told: Sequence[Told], hashes: list[bytes], known: dict[bytes, int]
) -> list[Fault]:
    """The lines about people whom this partner did not enrol, or who left."""
    strange = [(one.line, hash_) for one, hash_ in zip(told, hashes, strict=True) if hash_ not in known]
    gone = persons.left_among(connection, [hash_ for _, hash_ in strange])
    left = Problem.error("person.left", "/person", "this person left, and stays gone")
    unknown = Problem.error("person.unknown", "/person", "no person is enrolled under this id of yours")
    return [Fault(line, left if hash_ in gone else unknown) for line, hash_ in strange]
