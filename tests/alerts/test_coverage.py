"""Coverage by cell: small numbers are told to nobody."""

from __future__ import annotations

from cast import BOTH, DENVER, FAR_AWAY

from alerts import coverage
from alerts.coverage import Cell
from notifiers.tables import subscription
from notifiers.transactions import reading, writing


def read(house) -> coverage.Coverage:
    with reading(house.services.engine) as connection:
        return coverage.read(connection)


@BOTH
def test_a_cell_with_fewer_than_ten_people_is_left_out_and_all_others_are_in_tens(house):
    house.enrol([DENVER] * 27)
    house.enrol([FAR_AWAY] * 9, "email")
    found = read(house)
    assert found.cells == (Cell(-105.0, 39.5, 20),)
    assert (found.hidden, found.people) == (1, 20)


def test_who_cannot_be_told_does_not_count(house):
    house.enrol([DENVER] * 12)
    with writing(house.services.engine) as connection:
        connection.execute(subscription.update().values(confirmed_at=None))
    assert read(house).cells == ()
