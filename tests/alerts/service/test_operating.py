import pytest
from cast import DENVER

from alerts.errors import Conflict, NotFound
from alerts.service import end, operate
from notifiers import notices, transactions
from notifiers.tables import batch, notice


def test_operations_show_what_is_planned_by_channel(house, in_force):
    house.enrol([DENVER] * 3, "inbox")
    house.enrol([DENVER] * 2, "email")
    in_force()
    [view] = operate.operations(house.services)
    assert (view.total.planned, view.total.waiting, view.matched, view.reach) == (5, 5, 5, 5)
    assert [(channel.channel, channel.tally.planned) for channel in view.channels] == [("email", 2), ("inbox", 3)]


def test_a_paused_notice_goes_on_when_it_is_resumed(house, in_force):
    in_force()
    [notice_id] = house.fanned_out
    operate.pause(house.services, house.operator, notice_id)
    assert operate.operations(house.services)[0].paused
    operate.resume(house.services, house.operator, notice_id)
    assert not operate.operations(house.services)[0].paused


def test_a_held_notice_is_let_go_for_the_reach_of_now(house, in_force):
    house.enrol([DENVER])
    in_force()
    [notice_id] = house.fanned_out
    house.enrol([DENVER] * 4)
    with transactions.writing(house.services.engine) as connection:
        notices.hold(connection, notice_id, "too many")
    operate.resume(house.services, house.operator, notice_id)
    [row] = house.rows(notice)
    assert (row.state, row.reach, row.matched) == ("planned", 5, 5)
    assert sum(one.size for one in house.rows(batch)) == 5


def test_what_is_over_cannot_be_resumed(house, in_force):
    left = in_force()
    end.cancel(house.services, house.submitter, left.id)
    with pytest.raises(Conflict):
        operate.resume(house.services, house.operator, house.fanned_out[0])


@pytest.mark.parametrize("notice_id", [0, 99, 2**70, -(2**70)])
def test_a_notice_that_is_none_is_not_found(house, notice_id):
    with pytest.raises(NotFound):
        operate.pause(house.services, house.operator, notice_id)
