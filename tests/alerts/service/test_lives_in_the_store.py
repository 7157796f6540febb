"""The lifecycle in the real store: whatever officers do in whatever order, what leaves is no more than a second one approved.

What leaves is read from the notices, as a worker would say them; who wrote what and who approved it is kept here. As in
`tests/alerts/test_lifecycle_machine.py`, `LOOKOUT_LIVES` is how many lives are run.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count

import pytest
from cast import record, square
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from alerts import agencies, errors, reading
from alerts.service import decide, end, reducing, repeating, submit
from alerts.service.drafting import read_document
from alerts.tables import incident
from notifiers import notices
from notifiers.model import Kind, Notice
from notifiers.tables import notice
from notifiers.transactions import reading as looking
from notifiers.transactions import writing
from notifiers.vault import KeyGone

LIVES = max(8, int(os.environ.get("LOOKOUT_LIVES", "0")) // 50)  # a life here takes fifty times as long
MAKES = ("Toyota", "Honda", "Subaru")
CARS = st.lists(st.sampled_from(MAKES), unique=True, max_size=3)
SIDES, HOURS, OFFICERS = st.sampled_from([0.1, 0.2, 0.3]), st.integers(2, 8), st.integers(0, 3)
REFUSED = (errors.LookoutError, KeyGone)


@dataclass(frozen=True)
class Says:
    cars: frozenset[str]
    side: float
    until: datetime

    def holds(self, said: Notice) -> bool:
        """Whether a notice says no word, reaches nobody and lasts no second that is not in this."""
        text = " ".join(f"{one.headline} {one.body}" for one in said.texts.values())
        west, south, east, north = said.area.polygons.bounds
        mine = square(self.side)["coordinates"][0]
        inside = (
            west >= mine[0][0] - 1e-9
            and east <= mine[1][0] + 1e-9
            and south >= mine[0][1] - 1e-9
            and north <= mine[2][1] + 1e-9
        )
        return {make for make in MAKES if make in text} <= self.cars and inside and said.expires_at <= self.until


class Lives(RuleBasedStateMachine):
    numbers = count(1)

    def __init__(self, house, crew) -> None:
        super().__init__()
        self.house, self.crew, self.services = house, crew, house.services
        self.case = f"LIFE-{next(self.numbers)}"
        self.wrote: dict[str, tuple[Says, set[int]]] = {}  # by content hash: what it says, and who had a hand in it
        self.approved: list[tuple[Says, int, frozenset[int]]] = []
        self.newest, self.token, self.looked_at = "", "", 0

    @initialize(
        officers=st.permutations(range(4)),
        cars=CARS,
        side=SIDES,
        hours=HOURS,
        on_air=st.sampled_from([True, True, False]),
    )
    def begin(self, officers, cars, side, hours, on_air):
        """Most lives begin with an alert in force: what is done to one is what matters."""
        first, second, *_ = officers
        self.proposes(first, cars, side, hours, lambda who, intake: submit.submit(self.services, who, intake))
        if on_air:
            self.approve(second, stale=False, at=0)

    def proposes(self, officer, cars, side, hours, act, also=frozenset()):
        until = (self.house.clock() + timedelta(hours=hours)).replace(microsecond=0)
        body = record(
            case_number=self.case, languages=["en"], texts=None, area={"geojson": square(side)}, status="Exercise",
            vehicles=[{"make": make, "colour": "red"} for make in cars], expires_at=until.isoformat(),
        )  # fmt: skip
        who = self.crew[officer]
        try:
            left = act(who, read_document(self.services, who, json.dumps(body).encode(), "application/json"))
        except REFUSED:
            return
        before = self.wrote.get(left.content_hash, (None, set()))[1]
        self.wrote[left.content_hash] = Says(frozenset(cars), side, until), before | {who.id} | set(also)
        self.newest, self.token = left.id, left.token

    @rule(officer=OFFICERS, cars=CARS, side=SIDES, hours=HOURS)
    def update(self, officer, cars, side, hours):
        self.proposes(
            officer, cars, side, hours, lambda who, intake: submit.update(self.services, who, self.newest, intake)
        )

    @rule(officer=OFFICERS, cars=CARS, side=SIDES, hours=HOURS)
    def edit(self, officer, cars, side, hours):
        shown = self.shown()
        also = self.wrote.get(shown.content_hash, (None, set()))[1] if shown else ()
        self.proposes(
            officer, cars, side, hours, lambda who, intake: submit.edit(self.services, who, self.newest, intake), also
        )

    @rule(officer=OFFICERS, other=OFFICERS, cars=CARS, side=SIDES)
    def writes_and_approves(self, officer, other, cars, side):
        """The short way to the air, for two, and for one who tries it alone."""
        for act in (submit.update, submit.edit):
            self.proposes(
                officer, cars, side, 6, lambda who, intake, act=act: act(self.services, who, self.newest, intake)
            )
        self.approve(other, stale=False, at=0)

    def shown(self):
        try:
            return reading.get_alert(self.services, self.crew[0], self.newest)
        except REFUSED:
            return None

    def tries(self, act):
        try:
            return act()
        except REFUSED:
            return None

    @rule(officer=OFFICERS, stale=st.booleans(), at=st.integers(0, 9))
    def approve(self, officer, stale, at):
        """What the page shows, or any content that was ever written."""
        shown = self.shown()
        hashes = sorted(self.wrote)
        if shown is None or not hashes:
            return
        seen, who = hashes[at % len(hashes)] if stale else shown.content_hash, self.crew[officer]
        if self.tries(lambda: decide.approve(self.services, who, self.newest, seen)):
            says, authors = self.wrote[seen]
            assert who.id not in authors
            assert seen == shown.content_hash
            self.approved.append((says, who.id, frozenset(authors)))

    @rule(officer=OFFICERS)
    def ask(self, officer):
        shown = self.shown()
        if self.tries(lambda: submit.ask(self.services, self.crew[officer], self.newest)):
            self.wrote[shown.content_hash][1].add(self.crew[officer].id)

    @rule(officer=OFFICERS, act=st.sampled_from([decide.return_, decide.reject]))
    def turn_down(self, officer, act):
        self.tries(lambda: act(self.services, self.crew[officer], self.newest, "No."))

    @rule(
        officer=OFFICERS,
        car=st.integers(0, 2),
        side=st.one_of(st.none(), SIDES),
        minutes=st.one_of(st.none(), st.integers(-300, 300)),
    )
    def reduce(self, officer, car, side, minutes):
        """One person alone: less of it, or what pretends to be less."""
        drawn = None if side is None else {"geojson": square(side)}
        until = None if minutes is None else self.house.clock() + timedelta(minutes=240 + minutes)
        less = reducing.Less((f"/vehicles/{car}",) if drawn is None and until is None else (), drawn, until)
        left = self.tries(lambda: reducing.reduce(self.services, self.crew[officer], self.newest, less))
        self.newest = left.id if left else self.newest

    @rule(officer=OFFICERS)
    def repeat(self, officer):
        self.house.clock.pass_time(minutes=40)
        left = self.tries(lambda: repeating.repeat(self.services, self.crew[officer], self.newest))
        self.newest = left.id if left else self.newest

    @rule(officer=OFFICERS)
    def cancel(self, officer):
        self.tries(lambda: end.cancel(self.services, self.crew[officer], self.newest))

    @rule(minutes=st.sampled_from([1, 16, 60]), looks=st.booleans())
    def time_passes(self, minutes, looks):
        self.house.clock.pass_time(minutes=minutes)
        if looks:
            end.lapse_due(self.services)
            end.expire_due(self.services)

    @invariant()
    def what_leaves_is_no_more_than_a_second_officer_approved(self):
        for said in self.said():
            assert any(says.holds(said) and by not in authors for says, by, authors in self.approved), said.number

    def said(self):
        """What the notices that are new in this case say; a cancel says nothing of the child."""
        mine = select(notice.c.id, notice.c.kind).join(incident, incident.c.id == notice.c.incident_id)
        new = mine.where(incident.c.token == self.token, notice.c.id > self.looked_at).order_by(notice.c.id)
        with looking(self.services.engine) as connection:
            for row in connection.execute(new).all():
                self.looked_at = row.id
                if row.kind != Kind.CANCEL.value:
                    yield notices.get(connection, self.services.vault, row.id)

    def teardown(self):
        self.tries(partial(end.cancel, self.services, self.crew[0], self.newest))


@pytest.mark.timeout(0)
def test_nothing_leaves_that_is_more_than_a_second_officer_approved(house):
    with writing(house.services.engine) as connection:
        more = [
            agencies.add_officer(
                connection, name=name, roles=agencies.OFFICER, agency=house.submitter.agency, now=house.clock()
            )
            for name in ("Third", "Fourth")
        ]
    crew = (house.submitter, house.approver, *more)
    run_state_machine_as_test(
        lambda: Lives(house, crew),
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=20,
            deadline=None,
            derandomize=LIVES == 8,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(house.rows(notice)) > LIVES // 2  # many of them were on the air
