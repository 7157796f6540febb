"""What gives somebody more takes two administrators; what takes it away takes one, and counts at once."""

from datetime import timedelta

import pytest
from cast import BOTH
from sqlalchemy import update

from alerts import agencies, houses, keyring, passkeys, roster
from alerts.access_tables import pending_change
from alerts.agencies import Role, Use
from alerts.changes import Kind
from alerts.errors import Conflict, FourEyes, NotAllowed, NotFound, Refused, StaleContent
from alerts.service import administer
from alerts.service.first import NobodyThere, SomebodyThere, first_link, link_again
from alerts.tables import audit
from alerts.tables import house as house_row
from notifiers.transactions import reading, writing


@pytest.fixture
def two(house):
    """Two administrators of the house, both with passkeys."""
    return come_in(house, "Ada"), come_in(house, "Ben")


def come_in(house, name, agency=None):
    now = house.clock()
    with writing(house.services.engine) as connection:
        person = agencies.add_officer(connection, name=name, roles={Role.ADMINISTER}, agency=agency, now=now)
        own = {"credential_id": name.encode(), "public_key": b"k", "sign_count": 0, "name": "x"}
        passkeys.add(connection, person.id, now=now, **own)
        houses.note_second(connection, now)
    return person


def person_of(name="Cleo", *roles):
    return {"name": name, "roles": sorted(roles or {Role.SUBMIT})}


def ask(house, by, kind=Kind.PERSON, agency=None, **content):
    own = house.submitter.agency.id if agency is None else agency
    return administer.propose(house.services, by, kind, own or None, content or person_of())


def waiting(house, by):
    [one] = administer.list_changes(house.services, by)
    return one


@BOTH
def test_somebody_new_takes_two(house, two):
    ada, ben = two
    assert ask(house, ada).link is None
    one = waiting(house, ben)
    done = administer.confirm(house.services, ben, one.id, one.content_hash)
    assert done.link.startswith("/signin/")
    with reading(house.services.engine) as connection:
        [new] = [one for one in roster.list_people(connection, None) if one.name == "Cleo"]
    assert (new.roles, new.agency.code) == ({Role.SUBMIT}, "CBI")


def test_nobody_confirms_what_they_proposed(house, two):
    ask(house, two[0])
    one = waiting(house, two[0])
    with pytest.raises(FourEyes):
        administer.confirm(house.services, two[0], one.id, one.content_hash)


def test_a_confirmation_is_bound_to_what_was_looked_at(house, two):
    ask(house, two[0])
    one = waiting(house, two[1])
    with writing(house.services.engine) as connection:  # somebody at the database makes more of it
        connection.execute(update(pending_change).values(content=one.content and '{"name": "X", "roles": ["approve"]}'))
    with pytest.raises(StaleContent):
        administer.confirm(house.services, two[1], one.id, one.content_hash)
    altered = waiting(house, two[1])
    with pytest.raises(Conflict):  # nor does it help to look again: the stored hash is another
        administer.confirm(house.services, two[1], one.id, altered.content_hash)


def test_a_proposal_lapses(house, two):
    ask(house, two[0])
    one = waiting(house, two[1])
    house.clock.pass_time(hours=25)
    assert administer.list_changes(house.services, two[1]) == []
    with pytest.raises(Conflict):
        administer.confirm(house.services, two[1], one.id, one.content_hash)


def test_it_happens_once(house, two):
    ask(house, two[0])
    one = waiting(house, two[1])
    administer.confirm(house.services, two[1], one.id, one.content_hash)
    with pytest.raises(Conflict):
        administer.confirm(house.services, two[1], one.id, one.content_hash)
    with pytest.raises(Conflict):
        administer.decline(house.services, two[1], one.id)


def test_who_proposed_and_is_gone_has_proposed_nothing(house, two):
    ask(house, two[0])
    one = waiting(house, two[1])
    administer.disable(house.services, two[1], two[0].id)
    with pytest.raises(Conflict):
        administer.confirm(house.services, two[1], one.id, one.content_hash)


@BOTH
def test_a_key_is_collected_once_by_its_officer_alone(house, two):
    content = {"officer_id": house.submitter.id, "name": "CAD", "use": "test", "days": 30, "roles": ["submit"]}
    ask(house, two[0], Kind.KEY, **content)
    one = waiting(house, two[1])
    administer.confirm(house.services, two[1], one.id, one.content_hash)
    with reading(house.services.engine) as connection:
        granted = next(key for key in keyring.list_all(connection, None) if key.waiting)
    with pytest.raises(NotFound):
        administer.collect_key(house.services, house.approver, granted.id)
    key = administer.collect_key(house.services, house.submitter, granted.id)
    assert key.startswith("lk_test_")
    with reading(house.services.engine) as connection:
        found = agencies.find_by_key(connection, key, house.clock())
        late = agencies.find_by_key(connection, key, house.clock() + timedelta(days=31))
    assert (found.roles, found.use, late) == ({Role.SUBMIT}, Use.TEST, None)
    with pytest.raises(NotFound):
        administer.collect_key(house.services, house.submitter, granted.id)


def test_a_key_does_no_more_than_its_officer_may_at_the_time(house):
    with writing(house.services.engine) as connection:
        roster.set_roles(connection, house.submitter.id, {Role.APPROVE})
        found = agencies.find_by_key(connection, house.keys["submitter"], house.clock())
    assert found.roles == {Role.APPROVE}


def test_a_jurisdiction_is_changed_by_two(house, two):
    wider = house.services.gazetteer.get("032000")
    ask(house, two[0], Kind.JURISDICTION, jurisdiction=wider.to_geojson())
    one = waiting(house, two[1])
    administer.confirm(house.services, two[1], one.id, one.content_hash)
    with reading(house.services.engine) as connection:
        assert agencies.find_agency(connection, "CBI").jurisdiction.digest() == wider.digest()


def test_a_new_agency_is_not_live_until_two_say_so(house, two):
    drawn = house.services.gazetteer.get("049035").to_geojson()
    row = {"code": "SL", "name": "Salt Lake", "sender": "a@sl.example", "programme": "us-amber"}
    ask(house, two[0], Kind.AGENCY, 0, **row, jurisdiction=drawn)
    one = waiting(house, two[1])
    administer.confirm(house.services, two[1], one.id, one.content_hash)
    with reading(house.services.engine) as connection:
        made = agencies.find_agency(connection, "SL")
    assert not made.live
    ask(house, two[1], Kind.LIVE, made.id, go=1)
    one = waiting(house, two[0])
    administer.confirm(house.services, two[0], one.id, one.content_hash)
    with reading(house.services.engine) as connection:
        assert agencies.find_agency(connection, "SL").live


def test_a_programme_that_was_not_checked_does_not_go_live(house, two):
    with writing(house.services.engine) as connection:
        own = {"code": "UK", "name": "UK", "sender": "a@uk.example", "programme": "uk-child-rescue"}
        shape = house.submitter.agency.jurisdiction
        made = agencies.add_agency(connection, **own, jurisdiction=shape, now=house.clock(), live=False)
    with pytest.raises(Refused):
        ask(house, two[0], Kind.LIVE, made.id, go=1)


def test_every_fault_of_a_proposal_is_named(house, two):
    with pytest.raises(Refused) as refused:
        ask(house, two[0], Kind.PERSON, 0, name=" ", roles=["submit"])
    assert {one.type for one in refused.value.problems} == {"name.length", "roles.agency"}


def test_an_agencys_administrator_stays_in_the_agency(house, two):
    own = come_in(house, "Dee", house.submitter.agency)
    for reaching in (
        lambda: ask(house, own, agency=house.stranger.agency.id),
        lambda: ask(house, own, Kind.PERSON, 0, **person_of("E", Role.ADMINISTER)),
        lambda: ask(house, own, **person_of("E", Role.OPERATE)),
        lambda: ask(house, own, Kind.JURISDICTION, jurisdiction=own.agency.jurisdiction.to_geojson()),
    ):
        with pytest.raises(NotAllowed):
            reaching()
    with pytest.raises(NotFound):
        administer.disable(house.services, own, house.stranger.id)


@BOTH
def test_the_first_one_alone_invites_a_second_and_nothing_else(house):
    ada = come_in(house, "Ada")
    with pytest.raises(NotAllowed):
        ask(house, ada)
    with pytest.raises(NotAllowed):
        ask(house, ada, Kind.PERSON, 0, **person_of("Ben", Role.ADMINISTER, Role.OPERATE))
    assert ask(house, ada, Kind.PERSON, 0, **person_of("Ben", Role.ADMINISTER)).link
    with pytest.raises(NotAllowed):  # one: not one after the other
        ask(house, ada, Kind.PERSON, 0, **person_of("Cy", Role.ADMINISTER))


def test_whoever_disables_the_second_does_not_become_the_first_again(house, two):
    administer.disable(house.services, two[0], two[1].id)
    assert ask(house, two[0], Kind.PERSON, 0, **person_of("Cy", Role.ADMINISTER)).confirmed is False
    assert [row.two_since is not None for row in house.rows(house_row)] == [True]


def test_the_first_link_is_for_an_empty_house_alone(house):
    services = house.services
    old = first_link(services.engine, services.settings, house.clock())
    new = first_link(services.engine, services.settings, house.clock())
    with reading(services.engine) as connection:
        found = [agencies.find_link(connection, path.rsplit("/", 1)[1], house.clock()) for path in (old, new)]
        assert found[0] is None
        assert found[1].roles == {Role.ADMINISTER}
        late = house.clock() + timedelta(seconds=services.settings.invitation_s)
        assert agencies.find_link(connection, new.rsplit("/", 1)[1], late) is None
    come_in(house, "Ada")
    with pytest.raises(SomebodyThere):
        first_link(services.engine, services.settings, house.clock())


def test_a_way_back_in_is_for_administrators_who_are_there(house, two):
    assert link_again(house.services.engine, house.services.settings, "Ada", house.clock())
    with pytest.raises(NobodyThere):
        link_again(house.services.engine, house.services.settings, "Submitter", house.clock())
    assert house.rows(audit)[-1].action == "recover_administrator"


def test_every_act_stands_in_the_log(house, two):
    ask(house, two[0])
    one = waiting(house, two[1])
    administer.confirm(house.services, two[1], one.id, one.content_hash)
    administer.disable(house.services, two[1], house.approver.id)
    acts = [(row.actor, row.action) for row in house.rows(audit)]
    ada, ben = (f"officer:{person.id}" for person in two)
    assert acts[-3:] == [(ada, "propose_change"), (ben, "confirm_change"), (ben, "disable")]
    assert "Cleo" not in "".join(row.detail for row in house.rows(audit))
