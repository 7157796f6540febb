"""A mailbox counts once its owner pressed the button; nothing of it is stored before."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cast import DENVER

from alerts.errors import NotFound, Refused
from alerts.service import mailboxes, people
from geo.tables import position
from notifiers import addresses
from notifiers.joining import Joined
from notifiers.model import Outcome, Result
from notifiers.tables import left, recipient, subscription

MAILBOX = "ana@example.org"
PUSH = {"endpoint": "http://127.0.0.1:9/push/abc", "keys": {"p256dh": "B" + "A" * 86, "auth": "A" * 22}}


@pytest.fixture
def mailed(house):
    """What was handed to the relay, in its place."""
    sent = []

    def mail(to, subject, words, language):
        sent.append((to, language, re.search(r"/confirm/([0-9a-f]+)", words)[1], words))
        return Outcome(Result.SENT)

    house.services = replace(house.services, mail=mail, push=lambda address, payload: Outcome(Result.SENT))
    return sent


@pytest.fixture
def sign_up(house, mailed):
    def sign(client="2001:db8::1", **more):
        asked = {"lon": DENVER[0], "lat": DENVER[1], "language": "es", "consent": "Yes, tell me.", "inbox": True}
        return people.subscribe(house.services, people.sign_up_from(asked | {"email": MAILBOX} | more), client)

    return sign


def channels(house):
    return sorted(row.channel for row in house.rows(subscription))


def test_nothing_of_a_mailbox_is_stored_before_its_owner_said_yes(house, sign_up, mailed):
    sign_up()
    assert channels(house) == ["inbox"]
    [(to, language, token, words)] = mailed
    assert (to, language) == (MAILBOX, "es")
    assert "no se guarda nada" in words
    assert MAILBOX.encode().hex() not in token


def test_the_button_makes_it_count_in_the_words_agreed_to_and_again_changes_nothing(house, sign_up, mailed):
    done = sign_up()
    assert mailboxes.confirm(house.services, mailed[0][2]) is Joined.NOW
    [row] = [row for row in house.rows(subscription) if row.channel == "email"]
    assert (row.recipient_id, row.language, row.consent_words) == (done.recipient_id, "es", "Yes, tell me.")
    assert row.confirmed_at is not None
    assert mailboxes.confirm(house.services, mailed[0][2]) is Joined.KNOWN
    assert channels(house) == ["email", "inbox"]


def test_a_link_is_good_for_a_day(house, sign_up, mailed):
    sign_up()
    house.clock.pass_time(hours=24)
    assert mailboxes.confirm(house.services, mailed[0][2]) is Joined.GONE
    assert channels(house) == ["inbox"]


def test_a_forged_link_confirms_nothing(house, sign_up, mailed):
    sign_up()
    secret = addresses.secret(house.services.vault)
    last = int(mailed[0][2][-1], 16)
    changed = mailed[0][2][:-1] + f"{last ^ 1:x}"
    for token in ("", "00" * 40, changed, addresses.make_unsubscribe_token(secret, 1)):
        with pytest.raises(NotFound):
            mailboxes.confirm(house.services, token)
    assert channels(house) == ["inbox"]


def test_who_left_does_not_come_back_by_the_old_link_but_by_a_new_one(house, sign_up, mailed):
    sign_up()
    mailboxes.confirm(house.services, mailed[0][2])
    [row] = [row for row in house.rows(subscription) if row.channel == "email"]
    house.clock.pass_time(hours=1, seconds=1)
    people.unsubscribe(house.services, addresses.make_unsubscribe_token(addresses.secret(house.services.vault), row.id))
    assert mailboxes.confirm(house.services, mailed[0][2]) is Joined.GONE
    house.clock.pass_time(seconds=1)
    sign_up()
    assert mailboxes.confirm(house.services, mailed[1][2]) is Joined.NOW
    assert [row.channel for row in house.rows(left)] == []


def test_leaving_in_the_browser_takes_the_mailbox_along_and_ends_a_link_that_waits(house, sign_up, mailed):
    done = sign_up()
    people.leave(house.services, done.recipient_id)
    assert mailboxes.confirm(house.services, mailed[0][2]) is Joined.GONE
    assert house.rows(subscription) == []


def test_whether_an_address_is_known_or_was_asked_lately_is_told_to_nobody(house, sign_up, mailed):
    first = sign_up()
    mailboxes.confirm(house.services, mailed[0][2])
    second = sign_up()
    assert (second.refused, first.refused) == ((), ())
    assert len(mailed) == 1
    house.clock.pass_time(hours=1, seconds=1)
    assert sign_up().refused == ()
    assert mailboxes.confirm(house.services, mailed[1][2]) is Joined.KNOWN


def test_a_mailbox_alone_or_one_that_is_none_is_refused(house, sign_up, mailed):
    for wrong in ({"inbox": False}, {"email": "a b@example.org"}, {"email": "a@example.org\nBcc: b@example.org"}):
        with pytest.raises(Refused):
            sign_up(**wrong)
    assert (mailed, house.rows(recipient)) == ([], [])


def test_a_browser_that_never_answered_goes_after_a_day_with_all_its_rows(house, sign_up):
    asked = {"email": None, "push": PUSH}
    sign_up(inbox=False, **asked)
    house.clock.pass_time(hours=23)
    mailboxes.sweep(house.services, lambda connection: True)
    assert len(house.rows(recipient)) == 1
    house.clock.pass_time(hours=2)
    mailboxes.sweep(house.services, lambda connection: False)
    assert len(house.rows(recipient)) == 1
    mailboxes.sweep(house.services, lambda connection: True)
    assert (house.rows(recipient), house.rows(subscription), house.rows(position), house.rows(left)) == ([], [], [], [])


def test_the_sweep_leaves_who_answered_or_has_an_inbox(house, sign_up):
    sign_up(email=None, push=PUSH)
    house.clock.pass_time(hours=25)
    mailboxes.sweep(house.services, lambda connection: True)
    assert channels(house) == ["inbox"]
    assert len(house.rows(position)) == 1
