"""Webhooks as operators keep them: added, rotated for a day, revoked for good, and never a secret in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from alerts import webhooks
from alerts.cli import main
from alerts.webhooks import Circle, Hook, NotAdded, Wanted
from geo.store import load_all
from notifiers import subscriptions
from notifiers.channels.webhook_signature import keys_at, secret_of, shown
from notifiers.tables import left, subscription
from notifiers.transactions import writing

ENDPOINT = "https://partner.example/hooks/alerts?of=them"


@pytest.fixture
def connection(house):
    with writing(house.services.engine) as open_connection:
        yield open_connection


@pytest.fixture
def vault(house):
    return house.services.vault


def add(house, connection, endpoint=ENDPOINT, **more):
    wanted = Wanted(endpoint, "Example App", Circle(-105.0, 39.7, 2500.0), **more)
    return webhooks.add(connection, house.services.vault, wanted, house.clock())


def address_of(connection, hook_id):
    return subscriptions.load(connection, [hook_id])[0].address


def signs(vault, address, now):
    base = webhooks.signing_secret(vault)
    return [shown(secret_of(base, address["endpoint"], key)) for key in keys_at(address, now)]


def test_a_webhook_is_a_recipient_at_a_place_with_one_subscription(house, connection, vault):
    issued = add(house, connection)
    placed = load_all(connection)
    assert (list(placed.lon), list(placed.lat), list(placed.radius_m)) == ([-105.0], [39.7], [2500.0])
    [told] = subscriptions.load(connection, [issued.id])
    assert (told.channel, told.origin) == ("webhook", "https://partner.example:443")
    assert signs(vault, told.address, house.clock()) == [issued.secret]


def test_no_secret_and_nothing_it_follows_from_is_stored(house, connection, vault):
    issued = add(house, connection)
    stored = connection.execute(select(subscription)).one()
    assert issued.secret.startswith("whsec_")
    assert issued.secret.removeprefix("whsec_") not in repr(stored)
    assert webhooks.signing_secret(vault).hex() not in repr(stored)
    assert "whsec_" not in repr(issued)


def test_an_endpoint_is_told_once_however_often_it_is_added(house, connection):
    add(house, connection)
    with pytest.raises(NotAdded, match="already"):
        add(house, connection)


def test_a_rotated_secret_leaves_the_old_one_signing_for_a_day(house, connection, vault):
    first = add(house, connection)
    second = webhooks.rotate(connection, vault, first.id, house.clock())
    address = address_of(connection, first.id)
    assert second.secret != first.secret
    assert signs(vault, address, house.clock()) == [second.secret, first.secret]
    assert signs(vault, address, house.clock() + timedelta(hours=24)) == [second.secret]


def test_a_revoked_webhook_may_come_back_with_another_secret(house, connection):
    first = add(house, connection)
    assert webhooks.revoke(connection, first.id, house.clock())
    assert not webhooks.revoke(connection, first.id, house.clock())
    assert (len(load_all(connection).ids), connection.execute(select(left)).all()) == (0, [])
    again = add(house, connection)
    assert (again.id, again.secret) != (first.id, first.secret)


def test_what_is_no_webhook_is_not_touched(house, connection, vault):
    assert webhooks.rotate(connection, vault, 99, house.clock()) is None
    assert not webhooks.revoke(connection, 99, house.clock())


def test_the_list_shows_no_whole_address(house, connection):
    add(house, connection, test=True)
    assert webhooks.list_hooks(connection) == [Hook(1, "Example App", "https://partner.example:443", True, None)]


@pytest.fixture
def call(tmp_path, monkeypatch):
    """In a live house, as if two administrators had allowed it (`test_seconded`)."""
    monkeypatch.setattr("alerts.commands.webhook.must_be_allowed", lambda *_: None)

    def lookout(*arguments):
        where = ("--data", str(tmp_path / "data"), "--mode", "live")
        return CliRunner().invoke(main, ["webhook", *map(str, arguments), *where])

    return lookout


PLACE = ("--partner", "Example", "--lon", -105, "--lat", 39.7, "--radius-m", 1000)


def test_operators_add_rotate_list_and_revoke(call):
    added = call("add", ENDPOINT, *PLACE)
    assert added.exit_code == 0, added.output
    secret = added.output.split()[-1]
    rotated = call("rotate", 1)
    assert rotated.output.split()[-1].startswith("whsec_")
    assert secret not in rotated.output
    assert call("list").output == "1\tExample\thttps://partner.example:443\ttold of alerts\n"
    assert call("revoke", 1).output == "webhook 1 is revoked\n"
    assert call("list").output == ""


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "http://partner.example/x", *PLACE), "not_https"),
        (("add", "https://10.0.0.1/x", *PLACE), "address_private"),
        (("add", ENDPOINT, *PLACE[:-1], 60_000), "50000"),
        (("add", ENDPOINT, "--partner", "<b>", *PLACE[2:]), "a partner's name"),
        (("rotate", 7), "there is no webhook 7"),
        (("revoke", 7), "there is no webhook 7"),
    ],
)
def test_what_cannot_be_done_is_said(call, arguments, why):
    done = call(*arguments)
    assert done.exit_code == 2
    assert why in done.output


def test_an_endpoint_that_is_known_is_said_and_its_secret_stays(call):
    call("add", ENDPOINT, *PLACE)
    assert "already" in call("add", ENDPOINT, *PLACE).output
    assert len(call("list").output.splitlines()) == 1
