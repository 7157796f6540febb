"""The lifecycle against a small model: whatever happens in whatever order, nothing is on the air that a second person has
not approved, or that is not less than what one did.

`LOOKOUT_LIVES` is how many lives are run: `make soak` runs 10,000.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alerts import errors
from alerts.incident import REQUEST_LIVES
from alerts.lifecycle import (
    ENDED,
    OPEN,
    Approve,
    Ask,
    Cancel,
    Content,
    Edit,
    Enlarge,
    Event,
    Expire,
    Incident,
    Lapse,
    Message,
    Reduce,
    Reject,
    Repeat,
    Return,
    State,
    Submit,
    apply,
)
from notifiers.model import Kind

LIVES = int(os.environ.get("LOOKOUT_LIVES", "60"))
NOW = datetime(2026, 1, 16, tzinfo=UTC)
OFFICERS = st.integers(1, 4)
WORDS = st.frozensets(st.sampled_from("abc"), min_size=1)
CELLS = st.frozensets(st.integers(1, 4), min_size=1)
HOURS = st.integers(1, 6)
REFUSED = (errors.Conflict, errors.NotAllowed, errors.NotFound)


@dataclass(frozen=True)
class Says:
    """The model's content: words, cells of the map, until when."""

    words: frozenset[str]
    cells: frozenset[int]
    until: datetime

    @property
    def content(self) -> Content:
        words, cells = "".join(sorted(self.words)), "".join(map(str, sorted(self.cells)))
        return Content(f"{words}|{cells}|{self.until}", cells, len(self.cells), self.until)

    def grows(self, other: Says) -> frozenset[str]:
        """What of `other` is not in this one."""
        found = {
            "words": not other.words <= self.words,
            "recipients": not other.cells <= self.cells,
            "time": other.until > self.until,
        }
        return frozenset(name for name, yes in found.items() if yes)


class Lives(RuleBasedStateMachine):
    """`said` is what each message says and `wrote` who had a hand in it: kept here, apart from the code that is tested."""

    def __init__(self) -> None:
        super().__init__()
        self.incident, self.now = Incident(), NOW
        self.said: dict[int, Says] = {}
        self.wrote: dict[int, set[int]] = {}
        self.asked: dict[int, datetime] = {}
        self.approved: list[tuple[Says, int, frozenset[int]]] = []
        self.on_air: Says | None = None
        self.ended: dict[int, State] = {}

    @initialize(officer=OFFICERS, words=WORDS, cells=CELLS, hours=HOURS, draft=st.booleans())
    def submit(self, officer: int, words: frozenset[str], cells: frozenset[int], hours: int, draft: bool) -> None:
        says = Says(words, cells, NOW + timedelta(hours=hours))
        self.propose(officer, says, Submit(officer, says.content, draft=draft), set())

    def propose(self, officer: int, says: Says, event: Submit | Enlarge, also: set[int]) -> None:
        if self.happens(event):
            number = self.incident.messages[-1].number
            self.said[number], self.wrote[number] = says, {officer} | also
            self.asked[number] = self.now

    def happens(self, event: Event, tag: str | None = None) -> bool:
        """As in a transaction: only on the state that was seen, if one was."""
        if tag is not None and tag != self.incident.tag:
            return False
        self.now += timedelta(microseconds=1)  # no two acts at one moment: the same edit twice would be the same state
        try:
            self.incident = apply(self.incident, event, self.now)
        except REFUSED:
            return False
        return True

    def open(self) -> Message | None:
        return self.incident.open

    def writers(self, says: Says) -> set[int]:
        """Whoever wrote what is in force, where no word is new."""
        force = self.incident.in_force
        return set(self.wrote[force.number]) if force and says.words <= self.said[force.number].words else set()

    @rule(officer=OFFICERS, words=WORDS, cells=CELLS, hours=HOURS)
    def update(self, officer: int, words: frozenset[str], cells: frozenset[int], hours: int) -> None:
        """Other words, another area, a longer or shorter time: an extension is one of these."""
        says = Says(words, cells, self.now + timedelta(hours=hours))
        also = self.writers(says)
        self.propose(officer, says, Submit(officer, says.content, Kind.UPDATE, goes_on=bool(also)), also)

    @precondition(lambda self: self.incident.in_force)
    @rule(officer=OFFICERS, cells=CELLS)
    def enlarge(self, officer: int, cells: frozenset[int]) -> None:
        force = self.said[self.incident.in_force.number]
        says = Says(force.words, force.cells | cells, force.until)
        self.propose(officer, says, Enlarge(officer, says.content), self.writers(says))

    @precondition(lambda self: self.open())
    @rule(officer=OFFICERS, words=WORDS, cells=CELLS, hours=HOURS, draft=st.booleans())
    def edit(self, officer: int, words: frozenset[str], cells: frozenset[int], hours: int, draft: bool) -> None:
        number = self.open().number
        says = Says(words, cells, self.now + timedelta(hours=hours))
        also = self.writers(says)
        if self.happens(Edit(officer, number, says.content, draft=draft, goes_on=bool(also))):
            self.said[number], self.asked[number] = says, self.now
            self.wrote[number] |= {officer} | also

    @precondition(lambda self: self.open())
    @rule(officer=OFFICERS)
    def ask(self, officer: int) -> None:
        number = self.open().number
        if self.happens(Ask(officer, number)):
            self.asked[number] = self.now
            self.wrote[number].add(officer)

    @rule(officer=OFFICERS, seen=st.integers(1, 6), stale=st.booleans())
    def approve(self, officer: int, seen: int, stale: bool) -> None:
        """Of any message, by anybody, on any content that was ever seen."""
        number = self.open().number if self.open() and not stale else seen
        looked_at = self.said.get(seen if stale else number)
        if looked_at is None:
            return
        content = looked_at.content
        self.approves(Approve(officer, number, content.content_hash, content.area_digest, content.reach), None)

    def approves(self, event: Approve, tag: str | None) -> bool:
        before = self.incident
        if not self.happens(event, tag):
            return False
        says = self.said[event.number]
        assert before.get(event.number).state is State.PENDING
        assert event.officer not in self.wrote[event.number]
        assert event.content_hash == says.content.content_hash
        assert self.now < self.asked[event.number] + REQUEST_LIVES
        assert self.now < says.until
        self.approved.append((says, event.officer, frozenset(self.wrote[event.number])))
        self.on_air = says
        return True

    @precondition(lambda self: self.incident.in_force)
    @rule(officer=OFFICERS, words=WORDS, cells=CELLS, minutes=st.integers(-90, 90))
    def reduce(self, officer: int, words: frozenset[str], cells: frozenset[int], minutes: int) -> None:
        """Withdraw, shrink, shorten; or what pretends to be that."""
        was = self.said[self.incident.in_force.number]
        says = Says(words, cells, was.until + timedelta(minutes=minutes))
        authors = set(self.wrote[self.incident.in_force.number])
        grown = was.grows(says)
        if self.happens(Reduce(officer, says.content, grown)):
            assert not grown
            assert not self.incident.open
            self.take_over(says, authors)

    @precondition(lambda self: self.incident.in_force)
    @rule(officer=OFFICERS)
    def repeat(self, officer: int) -> None:
        was = self.said[self.incident.in_force.number]
        authors = set(self.wrote[self.incident.in_force.number])
        if self.happens(Repeat(officer, self.incident.in_force.content)):
            self.take_over(was, authors)

    def take_over(self, says: Says, authors: set[int]) -> None:
        number = self.incident.in_force.number
        self.said[number], self.wrote[number], self.on_air = says, authors, says

    @rule(officer=OFFICERS, number=st.integers(1, 6), kind=st.sampled_from([Return, Reject]))
    def turn_down(self, officer: int, number: int, kind: type[Return | Reject]) -> None:
        self.happens(kind(officer, number))

    @precondition(lambda self: len(self.incident.messages) > 2)
    @rule(officer=OFFICERS)
    def cancel(self, officer: int) -> None:
        if self.happens(Cancel(officer)):
            assert self.incident.over

    @rule(minutes=st.sampled_from([1, 14, 15, 45, 120]), late=st.booleans())
    def time_passes(self, minutes: int, late: bool) -> None:
        """And the sweep finds what ran out, or comes late."""
        self.now += timedelta(minutes=minutes)
        if not late:
            self.happens(Lapse())
            self.happens(Expire())
            assert not [m for m in self.incident.messages if m.lapses_at and m.lapses_at <= self.now]

    @rule(officer=OFFICERS)
    def crash(self, officer: int) -> None:
        """Decided, and died before the commit: what is stored is what there was, and a retry finds that."""
        stored = self.incident
        for event in (Cancel(officer), Expire(), Lapse()):
            try:
                apply(stored, event, self.now)
            except REFUSED:
                continue
        assert self.incident == stored

    @precondition(lambda self: self.open())
    @rule(one=OFFICERS, other=OFFICERS, words=WORDS, order=st.permutations(["approve", "edit", "cancel", "expire"]))
    def race(self, one: int, other: int, words: frozenset[str], order: list[str]) -> None:
        """All have seen the same state and act on it: of those that may, the first wins, and no other."""
        open_, tag = self.open(), self.incident.tag
        says = self.said[open_.number]
        new = Says(words, says.cells, says.until)
        content, won = says.content, 0
        for what in order:
            if what == "approve":
                event = Approve(one, open_.number, content.content_hash, content.area_digest, content.reach)
                won += self.approves(event, tag)
            elif what == "edit" and self.happens(Edit(other, open_.number, new.content), tag):
                self.said[open_.number], self.asked[open_.number] = new, self.now
                self.wrote[open_.number].add(other)
                won += 1
            elif what == "cancel" and one == 1:
                won += self.happens(Cancel(one), tag)
            elif what == "expire":
                before = self.incident
                won += self.happens(Expire(), tag) and self.incident != before
        assert won <= 1

    @invariant()
    def nothing_is_on_the_air_single_handed(self) -> None:
        force = self.incident.in_force
        if force is None:
            return
        says = self.said[force.number]
        assert force.content.content_hash == says.content.content_hash
        assert says == self.on_air
        assert any(not approved.grows(says) and by not in wrote for approved, by, wrote in self.approved), (
            "in force, and no second person approved it or more"
        )
        assert force.decided_by not in force.authors | {None}

    @invariant()
    def one_is_in_force_and_one_is_open_at_most(self) -> None:
        states = [message.state for message in self.incident.messages]
        assert states.count(State.ACTIVE) <= 1
        assert sum(state in OPEN for state in states) <= 1

    @invariant()
    def who_had_a_hand_in_it_is_an_author(self) -> None:
        for message in self.incident.messages:
            assert message.authors == self.wrote[message.number]

    @invariant()
    def what_is_over_stays_over(self) -> None:
        over = ENDED | {State.UPDATED, State.REJECTED}
        for message in self.incident.messages:
            if message.number in self.ended:
                assert message.state is self.ended[message.number]
            elif message.state in over:
                self.ended[message.number] = message.state


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=LIVES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
