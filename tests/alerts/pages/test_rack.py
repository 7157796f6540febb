"""What lies ready of the alert pages: the same as the router answers, without the database, and never longer than true."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from sqlalchemy.exc import OperationalError
from visitors import picture

from alerts import reading
from alerts.pages.rack import UNSURE_S, Rack
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document

PLAIN = {"accept-encoding": "identity"}


class Clock:
    def __init__(self):
        self.at = 100.0

    def __call__(self):
        return self.at


@pytest.fixture
def in_force(house, make_record):
    record = make_record(photos=[{"base64": base64.b64encode(picture()).decode()}])
    document = read_document(house.services, house.submitter, json.dumps(record).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rack(house, clock, in_force):
    found = Rack(house.services, clock)
    found.look()
    return found


@pytest.fixture
def away(monkeypatch):
    """Lets the database be away from now on."""

    def leave():
        def fail(*_):
            raise OperationalError("SELECT", {}, Exception("away"))

        monkeypatch.setattr(reading, "public_now", fail)
        monkeypatch.setattr(reading, "public_alert", fail)

    return leave


def page(rack, token, name="", asked=None):
    return rack.find(token, name, asked, "", packed=False)


def test_what_lies_ready_is_what_the_router_answers(rack, browser, in_force):
    path = f"/a/{in_force.token}"
    for name in ("", "state", "photo/1.jpg", "photo/1-full.avif", "card.jpg"):
        answer, ready = browser().get(f"{path}/{name}".rstrip("/"), headers=PLAIN), page(rack, in_force.token, name)
        head = {name.decode(): value.decode() for name, value in ready.head}
        assert answer.content == ready.content
        assert {name: answer.headers.get(name, value) for name, value in head.items()} == head
    packed = rack.find(in_force.token, "", None, "", packed=True)
    assert gzip.decompress(packed.content) == browser().get(path).content
    assert len(packed.content) < 12 * 1024


def test_a_reader_gets_the_language_that_suits(rack, in_force):
    spanish = page(rack, in_force.token, asked="es").content
    assert b'lang="es"' in spanish
    assert rack.find(in_force.token, "", None, "es-MX,en;q=0.5", packed=False).content == spanish


def test_what_lies_nowhere_is_left_to_the_router(rack, in_force):
    assert page(rack, "nothing") is None
    assert page(rack, in_force.token, "photo/9.jpg") is None


def test_a_page_says_how_long_ago_also_a_minute_later(rack, house, in_force):
    house.clock.pass_time(minutes=7)
    rack.look()
    assert b"7 minutes ago" in page(rack, in_force.token).content


def test_after_the_end_one_look_turns_page_state_and_card_and_the_photo_is_gone(rack, house, in_force):
    before = page(rack, in_force.token, "card.jpg").content
    end.cancel(house.services, house.submitter, in_force.id)
    rack.look()
    assert b"This alert is over" in page(rack, in_force.token).content
    assert page(rack, in_force.token, "state").content == b"over"
    assert page(rack, in_force.token, "card.jpg").content != before
    assert page(rack, in_force.token, "photo/1.jpg") is None


def test_without_the_database_the_page_stays_and_soon_says_that_it_cannot_be_checked(rack, clock, in_force, away):
    away()
    rack.try_to_look()
    assert b"cannot check" not in page(rack, in_force.token).content.partition(b"data-unsure")[0]
    fresh = page(rack, in_force.token)
    clock.at += UNSURE_S
    assert page(rack, in_force.token).tag != fresh.tag
    assert b">We cannot check right now" in page(rack, in_force.token).content
    assert page(rack, in_force.token, "state").content.endswith(b"-unsure")
    assert page(rack, in_force.token, "photo/1.jpg").content


def test_without_the_database_an_alert_that_ran_out_is_over(rack, house, in_force, away):
    away()
    house.clock.pass_time(days=3)
    assert b"This alert is over" in page(rack, in_force.token).content
    rack.try_to_look()
    assert "Robin" not in repr(rack._cases)


def test_without_the_database_an_alert_whose_key_is_gone_is_over(rack, house, in_force, away):
    away()
    for name in house.services.vault.names():
        house.services.vault.destroy(name)
    rack.try_to_look()
    assert b"This alert is over" in page(rack, in_force.token).content


def test_one_alert_that_cannot_be_drawn_does_not_keep_the_others_from_being_looked_at(
    rack, house, monkeypatch, in_force
):
    monkeypatch.setattr(reading, "public_alert", lambda *_, **__: 1 / 0)
    end.cancel(house.services, house.submitter, in_force.id)
    rack.look()
    assert page(rack, in_force.token) is None


def test_drawing_that_takes_long_leaves_what_is_known_shown_and_goes_on_at_the_next_look(
    rack, clock, house, monkeypatch, in_force, make_record
):
    document = read_document(house.services, house.submitter, json.dumps(make_record()).encode(), "application/json")
    second = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, second.id, second.content_hash)
    drawn = Rack._drawn

    def slowly(rack, case, **how):
        clock.at += 0.3
        return drawn(rack, case, **how)

    monkeypatch.setattr(Rack, "_drawn", slowly)
    house.clock.pass_time(minutes=7)
    before = page(rack, in_force.token)
    rack.look()  # what is new comes first, and takes longer than a look may
    assert page(rack, second.token) is not None
    assert page(rack, in_force.token) is before
    rack.look()
    assert b"7 minutes ago" in page(rack, in_force.token).content


def test_who_ended_is_over_before_anything_else_is_drawn(rack, house, monkeypatch, in_force):
    end.cancel(house.services, house.submitter, in_force.id)
    with monkeypatch.context() as patched:
        patched.setattr(Rack, "_draw", lambda *_: None)
        rack.look()
    assert b"This alert is over" in page(rack, in_force.token).content
    assert page(rack, in_force.token, "state").content == b"over"
    rack.look()
    assert b"You can stop looking" in page(rack, in_force.token).content
