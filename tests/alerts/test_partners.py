import pytest

from alerts import partners
from alerts.partners import Partner
from notifiers.transactions import writing


@pytest.fixture
def connection(house):
    with writing(house.services.engine) as open_connection:
        yield open_connection


@pytest.fixture
def partner(house, connection) -> Partner:
    return partners.add(connection, "Example App", house.clock())


def test_a_key_is_its_partners(house, connection, partner):
    key = partners.issue_key(connection, partner.id, house.clock())
    assert partners.find_by_key(connection, key, house.clock()) == partner
    assert partners.find(connection, "Example App") == partner
    assert partners.find(connection, "example app") is None


@pytest.mark.parametrize(
    "change", [lambda key: key[:-1], lambda key: key + "x", lambda key: key.swapcase(), lambda _: ""]
)
def test_another_key_opens_nothing(house, connection, partner, change):
    key = partners.issue_key(connection, partner.id, house.clock())
    assert partners.find_by_key(connection, change(key), house.clock()) is None


def test_the_secret_of_one_key_does_not_open_another(house, connection, partner):
    one, two = (partners.issue_key(connection, partner.id, house.clock()) for _ in range(2))
    mixed = "_".join([*one.split("_")[:2], two.split("_", 2)[2]])
    assert partners.find_by_key(connection, mixed, house.clock()) is None


def test_a_revoked_key_opens_nothing_and_the_other_still_does(house, connection, partner):
    one, two = (partners.issue_key(connection, partner.id, house.clock()) for _ in range(2))
    assert partners.revoke_key(connection, 1, house.clock())
    assert not partners.revoke_key(connection, 1, house.clock())
    assert partners.find_by_key(connection, one, house.clock()) is None
    assert partners.find_by_key(connection, two, house.clock()) == partner


def test_a_key_ends_with_its_time(house, connection, partner):
    key = partners.issue_key(connection, partner.id, house.clock(), lifetime_s=60)
    house.clock.pass_time(seconds=61)
    assert partners.find_by_key(connection, key, house.clock()) is None


def test_keys_are_listed_without_their_secrets(house, connection, partner):
    key = partners.issue_key(connection, partner.id, house.clock())
    [row] = partners.list_keys(connection)
    assert (row.id, row.partner, row.revoked_at) == (1, "Example App", None)
    assert key.rpartition("_")[2] not in repr(row)


def test_no_key_is_stored(house):
    with writing(house.services.engine) as connection:
        partner = partners.add(connection, "Example", house.clock())
        secret = partners.issue_key(connection, partner.id, house.clock()).split("_", 2)[2]
    house.services.engine.dispose()
    stored = b"".join(path.read_bytes() for path in house.services.settings.data.glob("lookout.db*"))
    assert secret.encode() not in stored


@pytest.mark.parametrize("name", ["", " x", "x ", "a\0b", "a\nb", "x" * 65, "<b>", "_", "a/b"])
def test_a_name_that_is_none_is_refused(house, connection, name):
    with pytest.raises(ValueError, match="name"):
        partners.add(connection, name, house.clock())


@pytest.mark.parametrize("name", ["A", "Señal-24", "M & Söhne", "O'Hara Inc"])
def test_names_are_as_people_write_them(name):
    assert partners.is_name(name)
