"""Keys that are made before there is a message: each for one notice, readable by its browser, gone with its owner."""

from __future__ import annotations

import secrets
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update

from notifiers import keyings, subscriptions
from notifiers.channels.web_push import WebPush
from notifiers.channels.web_push_crypto import decrypt, encode, point_of
from notifiers.model import Subscription
from notifiers.subscriptions import Enrolment
from notifiers.tables import keying, subscription
from notifiers.transactions import reading, writing
from notifiers.turn import Desk


class Browser:
    """The receiver's end of a subscription."""

    def __init__(self, number):
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        own = encode(point_of(self.key.public_key()))
        self.address = {"endpoint": f"http://127.0.0.1:9/{number}", "p256dh": own, "auth": encode(self.auth)}


def enrol(world, addresses, **changes):
    people = [Enrolment("public", False, "", [world.subscription("web_push", one, **changes)]) for one in addresses]
    with writing(world.engine) as connection:
        subscriptions.enrol(connection, people, secret=world.secret, now=world.notice().sent_at)
        return connection.execute(select(subscription.c.id).order_by(subscription.c.id)).scalars().all()


@pytest.fixture
def browser(world):
    return Browser(1)


@pytest.fixture
def desk(world):
    return Desk(world.engine, world.vault, {})


def make_all(desk):
    while desk.make_keyings():
        pass


def looked_through(world, rng):
    """The ids of one round, in its order; nothing is made."""
    seen = []
    with reading(world.engine) as connection:
        going = keyings.begin(connection, 1, rng, 0.0)
        while going.left:
            wanted, going = keyings.missing(connection, going)
            seen += [id_ for id_, _ in wanted]
    return seen


def kept(world):
    with reading(world.engine) as connection:
        return connection.execute(select(keying.c.subscription_id, keying.c.generation, keying.c.sealed)).all()


def found(world, notice_id, addresses):
    with reading(world.engine) as connection:
        generation = keyings.taken_by(connection, notice_id)
        return keyings.load(connection, keyings.cipher(world.vault), generation or 0, addresses)


async def test_a_push_made_ahead_is_read_by_its_browser(world, desk, browser):
    [id_] = enrol(world, [browser.address])
    make_all(desk)
    keying_ = found(world, world.add(), {id_: browser.address})[id_]
    one = Subscription(id_, 1, "web_push", "", browser.address, keying=keying_)
    channel = WebPush(None, None)
    bodies = [(await channel.prepare(world.notice(), [one])).bodies[id_] for _ in range(2)]
    assert all(b"A child is missing" in decrypt(body, browser.key, browser.auth) for body in bodies)
    assert bodies[0][:16] != bodies[1][:16]  # the same message again has a salt of its own
    assert bodies[0][21:86] == keying_.point


def test_no_two_notices_use_the_same_key(world, desk, browser):
    [id_] = enrol(world, [browser.address])
    make_all(desk)
    first, second = world.add(), world.add(number=2, version=2)
    assert found(world, first, {id_: browser.address})
    assert not found(world, second, {id_: browser.address})
    make_all(desk)  # for whoever comes next, and no longer for these two
    assert not found(world, first, {id_: browser.address})
    assert not found(world, second, {id_: browser.address})
    assert found(world, world.add(number=3, version=3), {id_: browser.address})


def test_wherever_a_round_begins_all_are_looked_through_once(world, monkeypatch):
    monkeypatch.setattr(keyings, "SLICE", 3)
    monkeypatch.setattr(keyings, "SPAN", 5)
    ids = enrol(world, [Browser(number).address for number in range(17)])
    rounds = [looked_through(world, Random(seed)) for seed in range(8)]
    assert all(sorted(seen) == ids for seen in rounds)
    assert len({seen[0] for seen in rounds}) > 2


def test_who_comes_after_a_round_is_of_it(world, desk):
    enrol(world, [Browser(1).address])
    make_all(desk)
    late = enrol(world, [Browser(2).address])[-1]
    make_all(desk)
    assert late in {row.subscription_id for row in kept(world)}


def test_a_notice_to_few_spends_none(world, desk, browser):
    enrol(world, [browser.address])
    make_all(desk)
    with reading(world.engine) as connection:
        before = keyings.standing(connection)
    assert not found(world, world.add(reach=keyings.WORTH - 1), {1: browser.address})
    with reading(world.engine) as connection:
        assert keyings.standing(connection) == before


def test_who_has_other_keys_by_now_finds_none(world, desk, browser):
    [id_] = enrol(world, [browser.address])
    make_all(desk)
    assert not found(world, world.add(), {id_: Browser(1).address})


def test_a_key_goes_with_its_owner(world, desk, browser):
    [id_] = enrol(world, [browser.address])
    make_all(desk)
    with writing(world.engine) as connection:
        subscriptions.unsubscribe(connection, [id_], world.notice().sent_at)
    assert kept(world) == []


def test_who_left_while_it_was_made_gets_none(world, browser):
    [id_] = enrol(world, [browser.address])
    made = keyings.make(keyings.cipher(world.vault), [(id_, browser.address), (id_ + 1, browser.address)])
    with writing(world.engine) as connection:
        keyings.keep(connection, 1, made)
    assert [row.subscription_id for row in kept(world)] == [id_]


def test_of_two_workers_the_first_one_s_stay(world, browser):
    [id_] = enrol(world, [browser.address])
    both = [keyings.make(keyings.cipher(world.vault), [(id_, browser.address)]) for _ in range(2)]
    for made in both:
        with writing(world.engine) as connection:
            keyings.keep(connection, 1, made)
    assert [row.sealed for row in kept(world)] == [both[0][id_]]


def test_only_who_can_be_reached_and_has_keys_gets_one(world, desk, browser):
    ids = enrol(world, [browser.address, {"endpoint": "http://127.0.0.1:9/2"}, Browser(3).address, Browser(4).address])
    with writing(world.engine) as connection:
        connection.execute(
            update(subscription).where(subscription.c.id == ids[2]).values(retired_at=world.notice().sent_at)
        )
        connection.execute(update(subscription).where(subscription.c.id == ids[3]).values(confirmed_at=None))
    make_all(desk)
    assert [row.subscription_id for row in kept(world)] == ids[:1]


def test_who_comes_later_gets_one_too(world, desk, monkeypatch):
    monkeypatch.setattr(keyings, "SLICE", 2)
    monkeypatch.setattr(keyings, "SPAN", 3)
    enrol(world, [Browser(number).address for number in range(7)])
    make_all(desk)
    assert len(kept(world)) == 7
    enrol(world, [Browser(8).address])
    make_all(desk)
    assert len(kept(world)) == 8


def test_who_confirms_later_is_found_the_next_time_round(world, desk, browser, monkeypatch):
    enrol(world, [browser.address], confirmed_at=None)
    make_all(desk)
    with writing(world.engine) as connection:
        connection.execute(update(subscription).values(confirmed_at=world.notice().sent_at))
    monkeypatch.setattr(keyings, "AGAIN_S", 0.0)
    make_all(desk)
    make_all(desk)
    assert len(kept(world)) == 1


def test_the_material_lies_sealed(world, desk, browser):
    [id_] = enrol(world, [browser.address])
    make_all(desk)
    [row] = kept(world)
    keying_ = found(world, world.add(), {id_: browser.address})[id_]
    assert keying_.material not in row.sealed
    changed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with writing(world.engine) as connection:
        connection.execute(update(keying).values(sealed=changed))
    assert not found(world, 1, {id_: browser.address})
