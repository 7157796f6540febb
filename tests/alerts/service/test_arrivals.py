from cast import BOTH, DENVER, FAR_AWAY

from alerts.service import arrivals, end, people
from notifiers.tables import batch

pytestmark = BOTH


def test_a_server_that_starts_again_watches_what_is_open(house, in_force, services):
    [one] = house.enrol([FAR_AWAY])
    in_force()
    house.services.watch.remove(house.fanned_out[0])
    arrivals.watch_all(house.services)
    people.move(house.services, one.recipient_id, *DENVER)
    assert [row.size for row in house.rows(batch)] == [1]


def test_what_is_over_is_not_watched(house, in_force):
    left = in_force()
    end.cancel(house.services, house.submitter, left.id)
    arrivals.watch_all(house.services)
    assert list(house.services.watch.containing(*DENVER)) == []
