import pytest

from alerts import agencies, tables
from alerts.agencies import BadLink
from notifiers.transactions import writing


@pytest.fixture
def connection(house):
    with writing(house.services.engine) as open_connection:
        yield open_connection


def test_a_sign_in_link_works_once(house, connection):
    now = house.clock()
    link = agencies.issue_sign_in_link(connection, house.approver.id, now, 900)
    session = agencies.use_sign_in_link(connection, link, now, 3600)
    assert agencies.find_session(connection, session, now).name == "Approver"
    with pytest.raises(BadLink):
        agencies.use_sign_in_link(connection, link, now, 3600)


def test_a_sign_in_link_gets_too_old(house, connection):
    link = agencies.issue_sign_in_link(connection, house.approver.id, house.clock(), 900)
    house.clock.pass_time(minutes=16)
    with pytest.raises(BadLink):
        agencies.use_sign_in_link(connection, link, house.clock(), 3600)


def test_signing_out_ends_the_session(house, connection):
    now = house.clock()
    link = agencies.issue_sign_in_link(connection, house.approver.id, now, 900)
    session = agencies.use_sign_in_link(connection, link, now, 3600)
    agencies.end_session(connection, session, now)
    assert agencies.find_session(connection, session, now) is None


def test_a_revoked_or_expired_key_opens_nothing(house, connection):
    now = house.clock()
    short = agencies.issue_key(connection, house.approver.id, now, lifetime_s=60)
    long = agencies.issue_key(connection, house.approver.id, now)
    agencies.revoke_key(connection, long, now)
    house.clock.pass_time(minutes=2)
    assert agencies.find_by_key(connection, short, house.clock()) is None
    assert agencies.find_by_key(connection, long, house.clock()) is None


def test_no_secret_is_stored(house):
    house.services.engine.dispose()
    stored = b"".join(path.read_bytes() for path in house.services.settings.data.glob("lookout.db*"))
    assert all(key.encode() not in stored for key in house.keys.values())


def test_an_agency_keeps_its_jurisdiction(house, connection):
    found = agencies.find_agency(connection, "CBI")
    assert found.jurisdiction.digest() == house.submitter.agency.jurisdiction.digest()
    assert agencies.find_agency(connection, "nobody") is None


def test_an_operator_belongs_to_no_agency(house, connection):
    listed = agencies.list_officers(connection)
    assert {one.name: one.agency.code if one.agency else None for one in listed} == {
        "Submitter": "CBI",
        "Approver": "CBI",
        "Stranger": "UBI",
        "Operator": None,
    }
    assert tables.officer.c.agency_id.nullable
