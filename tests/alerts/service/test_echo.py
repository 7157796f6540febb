"""A browser counts once its test notification came back; how often it may be asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import DENVER

from alerts import confirmations
from alerts.errors import NotFound, TooOften
from alerts.people_tables import confirmation
from alerts.service import echo, people
from notifiers import addresses, subscriptions
from notifiers.model import Outcome, Result
from notifiers.tables import subscription
from notifiers.transactions import reading, writing

PUSH = {"endpoint": "http://127.0.0.1:9/push/abc", "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}
OTHER = {"endpoint": "http://127.0.0.1:9/push/new", "p256dh": "B" + "A" * 86, "auth": "A" * 22}


@pytest.fixture
def pushed(house):
    """What left for browsers, in the place of a push service."""
    sent = []

    def push(address, plaintext):
        sent.append((address["endpoint"], json.loads(plaintext)))
        return Outcome(Result.SENT)

    house.services = replace(house.services, push=push)
    return sent


@pytest.fixture
def sign_up(house, pushed):
    def sign(client="2001:db8::1", **more):
        asked = {"lon": DENVER[0], "lat": DENVER[1], "language": "es", "consent": "Yes.", "inbox": True, "push": PUSH}
        return people.subscribe(house.services, people.sign_up_from(asked | more), client)

    return sign


def browser(house):
    [row] = [row for row in house.rows(subscription) if row.channel == "web_push"]
    return row


def test_a_browser_is_not_contacted_before_its_test_came_back(house, sign_up, pushed):
    sign_up()
    row = browser(house)
    assert row.confirmed_at is None
    with reading(house.services.engine) as connection:
        assert subscriptions.load(connection, [row.id]) == []
    echo.hear(house.services, pushed[0][1]["echo"])
    with reading(house.services.engine) as connection:
        assert [one.id for one in subscriptions.load(connection, [row.id])] == [row.id]


def test_the_test_speaks_the_language_that_was_chosen_and_says_that_nobody_is_missing(sign_up, pushed):
    sign_up()
    [(endpoint, said)] = pushed
    assert endpoint == PUSH["endpoint"]
    assert (said["lang"], said["kind"]) == ("es", "test")
    assert "No falta nadie" in said["body"]


def test_a_forged_token_confirms_nothing(house, sign_up):
    sign_up()
    secret = addresses.secret(house.services.vault)
    for token in ("", "00" * 20, addresses.make_unsubscribe_token(secret, browser(house).id)):
        with pytest.raises(NotFound):
            echo.hear(house.services, token)
    assert browser(house).confirmed_at is None


def test_a_test_that_comes_back_twice_or_after_leaving_changes_nothing(house, sign_up, pushed):
    done = sign_up()
    token = pushed[0][1]["echo"]
    echo.hear(house.services, token)
    first = browser(house).confirmed_at
    house.clock.pass_time(hours=1)
    echo.hear(house.services, token)
    assert browser(house).confirmed_at == first
    people.leave(house.services, done.recipient_id)
    echo.hear(house.services, token)
    assert house.rows(subscription) == []


def test_an_address_is_asked_once_an_hour_and_three_times_a_day(house, sign_up, pushed):
    done = sign_up()
    with pytest.raises(TooOften):
        echo.ask(house.services, done.recipient_id, "192.0.2.1")
    for _ in range(2):
        house.clock.pass_time(hours=1, seconds=1)
        echo.ask(house.services, done.recipient_id, "192.0.2.1")
    house.clock.pass_time(hours=2)
    with pytest.raises(TooOften) as often:
        echo.ask(house.services, done.recipient_id, "192.0.2.1")
    assert len(pushed) == 3
    assert 19 * 3600 < often.value.wait_s < 24 * 3600


def test_a_network_may_ask_thirty_times_an_hour_and_is_known_by_its_half_of_the_address(house):
    secret, now = addresses.secret(house.services.vault), house.clock()
    here = confirmations.network_hash(secret, "2001:db8::1")
    assert here == confirmations.network_hash(secret, "2001:db8::ffff:2")
    with writing(house.services.engine) as connection:
        waits = [confirmations.take(connection, bytes([n]), here, now) for n in range(31)]
        there = confirmations.take(connection, b"x", confirmations.network_hash(secret, "2001:db8:0:1::1"), now)
    assert waits[:30] == [0.0] * 30
    assert waits[30] > 0
    assert there == 0.0


def test_what_was_asked_is_forgotten_after_a_day(house, sign_up):
    sign_up()
    house.clock.pass_time(days=1, seconds=1)
    with writing(house.services.engine) as connection:
        confirmations.take(connection, b"another", b"network", house.clock())
    assert len(house.rows(confirmation)) == 1
    assert house.clock() - house.rows(confirmation)[0].sent_at < timedelta(minutes=5)


def test_a_browser_with_a_new_endpoint_is_asked_anew(house, sign_up, pushed):
    done = sign_up()
    echo.hear(house.services, pushed[0][1]["echo"])
    assert echo.renew(house.services, done.recipient_id, OTHER)
    assert echo.answered(house.services, done.recipient_id) is False
    echo.ask(house.services, done.recipient_id, "192.0.2.1")
    assert pushed[-1][0] == OTHER["endpoint"]


def test_an_endpoint_that_left_does_not_come_in_as_a_new_one(house, sign_up):
    gone = sign_up()
    people.leave(house.services, gone.recipient_id)
    other = sign_up(push={"endpoint": OTHER["endpoint"], "keys": PUSH["keys"]})
    again = {"endpoint": PUSH["endpoint"], **PUSH["keys"]}
    assert not echo.renew(house.services, other.recipient_id, again)
    assert browser(house).address == json.dumps(OTHER, separators=(",", ":"))
