import pytest
from cast import BOTH, DENVER, FAR_AWAY

from alerts.errors import Conflict, NotAllowed, NotFound, Refused
from alerts.service import end, people
from geo import tables as geo_tables
from notifiers import addresses
from notifiers.tables import batch, recipient, subscription

pytestmark = BOTH

PUSH = {"endpoint": "http://127.0.0.1:9/push/abc", "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}


@pytest.fixture
def sign_up(house):
    def sign(place=DENVER, **more):
        asked = {"lon": place[0], "lat": place[1], "language": "en", "consent": "Tell me about missing children."}
        return people.subscribe(house.services, people.sign_up_from(asked | {"inbox": True} | more))

    return sign


def test_a_public_place_is_coarse_before_it_is_stored(house, sign_up):
    done = sign_up()
    [stored] = house.rows(geo_tables.position)
    assert (stored.lon, stored.lat) != DENVER
    assert stored.radius_m == done.radius_m > 500


def test_the_words_agreed_to_are_kept(house, sign_up):
    sign_up()
    [row] = house.rows(subscription)
    assert (row.consent_how, row.consent_words) == ("sign-up page", "Tell me about missing children.")
    assert row.confirmed_at == row.consented_at


def test_without_a_relay_no_mailbox_is_taken(house, sign_up):
    with pytest.raises(Refused, match="no e-mail is sent here"):
        sign_up(email="a@example.org")
    assert house.rows(recipient) == []


def test_no_way_to_be_told_is_refused(sign_up):
    with pytest.raises(Refused, match="at least one way"):
        sign_up(inbox=False)


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:22/x", "http://169.254.169.254/", "https://push.example/x", "file:///etc/passwd", "x"],
)
def test_a_sandbox_takes_only_its_own_push_service(house, sign_up, endpoint):
    with pytest.raises(Refused, match="push service"):
        sign_up(push=PUSH | {"endpoint": endpoint})
    assert house.rows(recipient) == []


def test_the_sandbox_push_service_is_taken(house, sign_up):
    assert sign_up(push=PUSH).refused == ()
    assert {row.channel for row in house.rows(subscription)} == {"inbox", "web_push"}


def test_who_left_stays_gone(house, sign_up):
    done = sign_up(inbox=False, push=PUSH)
    people.leave(house.services, done.recipient_id)
    assert house.rows(subscription) == house.rows(recipient) == house.rows(geo_tables.position) == []
    assert len(house.services.index) == 0
    with pytest.raises(Conflict, match="for good"):
        sign_up(inbox=False, push=PUSH)


def test_moving_overwrites_the_last_place(house, sign_up):
    done = sign_up()
    people.move(house.services, done.recipient_id, *FAR_AWAY)
    [stored] = house.rows(geo_tables.position)
    assert abs(stored.lon - FAR_AWAY[0]) < 0.02


def test_a_partner_is_kept_as_an_exact_point(house):
    [one] = house.enrol([FAR_AWAY])
    people.move(house.services, one.recipient_id, *DENVER)
    [stored] = house.rows(geo_tables.position)
    assert (stored.lon, stored.lat, stored.radius_m) == (*DENVER, 0.0)


def test_who_moves_into_an_active_area_is_told_once(house, in_force):
    [one] = house.enrol([FAR_AWAY])
    in_force()
    for place in (DENVER, FAR_AWAY, DENVER):
        people.move(house.services, one.recipient_id, *place)
    assert [row.size for row in house.rows(batch)] == [1]


def test_who_signs_up_inside_an_active_area_is_told(house, in_force, sign_up):
    in_force()
    sign_up()
    assert [row.size for row in house.rows(batch)] == [1]


def test_who_moves_in_after_the_end_is_not_told(house, in_force):
    [one] = house.enrol([FAR_AWAY])
    left = in_force()
    end.cancel(house.services, house.submitter, left.id)
    people.move(house.services, one.recipient_id, *DENVER)
    assert house.rows(batch) == []


def test_one_click_unsubscribes_and_again_is_fine(house):
    house.enrol([DENVER], channel="email")
    [row] = house.rows(subscription)
    token = addresses.make_unsubscribe_token(addresses.secret(house.services.vault), row.id)
    people.unsubscribe(house.services, token)
    people.unsubscribe(house.services, token)
    assert house.rows(subscription) == house.rows(recipient) == house.rows(geo_tables.position) == []


@pytest.mark.parametrize("token", ["", "0" * 40, "not hex", "ff" * 21, "\N{SNOWMAN}" * 40])
def test_a_forged_link_unsubscribes_nobody(house, sign_up, token):
    sign_up()
    with pytest.raises(NotFound):
        people.unsubscribe(house.services, token)
    assert len(house.rows(subscription)) == 1


def test_one_recipients_token_does_not_move_another(house, sign_up):
    one, two = sign_up(), sign_up()
    people.must_be(house.services, one.recipient_id, one.public_id)
    with pytest.raises(NotAllowed):
        people.must_be(house.services, one.recipient_id, two.public_id)


def test_who_left_is_not_brought_back_by_a_late_move(house, sign_up):
    done = sign_up()
    people.leave(house.services, done.recipient_id)
    with pytest.raises(NotFound):
        people.move(house.services, done.recipient_id, *DENVER)
    assert house.rows(geo_tables.position) == []
