from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from geo.shapes import Circle, Shape
from notifiers import notices
from notifiers.catalogues import ALL
from notifiers.freezing import freeze, thaw
from notifiers.model import Kind
from notifiers.notices import UnknownNotice, VersionTaken
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone


def status(world, notice_id):
    with reading(world.engine) as connection:
        return notices.get_status(connection, notice_id)


def test_a_notice_survives_freezing_whole(world):
    area = Shape(world.notice().area.polygons, (Circle(-104.9, 39.7, 5000.0),))
    said = world.notice(area=area, cap_xml=b"<alert/>\xff", last_seen=None)
    assert thaw(freeze(said)) == said
    assert thaw(freeze(said)).area.digest() == said.area_digest


def test_the_first_language_stays_the_first(world):
    assert list(thaw(freeze(world.notice())).texts) == ["en", "es"]


def test_which_words_of_ours_were_on_is_frozen_with_it_and_an_older_notice_has_all(world):
    said = world.notice(spoken=frozenset({"en"}))
    assert thaw(freeze(said)).spoken == {"en"}
    older = {key: value for key, value in json.loads(freeze(said)).items() if key != "spoken"}
    assert thaw(json.dumps(older).encode()).spoken == ALL


def test_another_format_is_refused():
    with pytest.raises(ValueError, match="format"):
        thaw(b'{"format": 99}')


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what lies in the file
def test_what_a_notice_says_lies_sealed(world, tmp_path):
    world.vault.create("incident-1")
    notice_id = world.add(key_name="incident-1")
    with reading(world.engine) as connection:
        assert notices.get(connection, world.vault, notice_id).texts["en"].headline == "A child is missing"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("lookout.sqlite*"))
    assert b"A child is missing" not in stored


def test_with_the_key_what_it_said_is_gone(world):
    world.vault.create("incident-1")
    notice_id = world.add(key_name="incident-1")
    world.vault.destroy("incident-1")
    with reading(world.engine) as connection, pytest.raises(KeyGone):
        notices.get(connection, world.vault, notice_id)


def test_an_unknown_notice_is_named_so(world):
    with reading(world.engine) as connection, pytest.raises(UnknownNotice):
        notices.get_status(connection, 77)


def test_one_message_of_an_incident_is_one_notice(world):
    world.add()
    with pytest.raises(IntegrityError):
        world.add()


def test_a_cancel_needs_a_version_of_its_own(world):
    world.add()
    with pytest.raises(VersionTaken):
        world.cancel(version=1)


def test_an_end_spares_the_cancel_and_other_incidents(world):
    first, other = world.add(), world.add(incident_id=2)
    cancel_id = world.cancel()
    with writing(world.engine) as connection:
        assert notices.set_over(connection, 1, "expired") == []
    assert [status(world, id_).over for id_ in (first, other, cancel_id)] == ["cancelled", None, None]


def test_an_update_ends_earlier_versions_only(world):
    first = world.add()
    second = world.add(number=2, version=2, kind=Kind.UPDATE)
    with writing(world.engine) as connection:
        assert notices.set_over(connection, 1, "superseded", below_version=2) == [first]
    assert status(world, second).over is None


def test_expiry_acts_by_itself(world):
    notice_id = world.add(expires_at=world.notice().sent_at - timedelta(seconds=1))
    alive = world.add(incident_id=2)
    with writing(world.engine) as connection:
        assert notices.due_for_fanout(connection) == [alive]
        assert notices.expire(connection) == [notice_id]
        assert notices.expire(connection) == []
    assert status(world, notice_id).over == "expired"


def test_cancels_are_fanned_out_first(world):
    first = world.add(incident_id=2)
    cancel_id = world.cancel()
    with reading(world.engine) as connection:
        assert notices.due_for_fanout(connection) == [cancel_id, first]
        assert [one.id for one in notices.list_open(connection)] == [first, cancel_id]


def test_a_held_notice_is_released_for_the_reach_that_a_person_accepted(world):
    notice_id = world.add(reach=10)
    with writing(world.engine) as connection:
        notices.hold(connection, notice_id, "Too many.")
        assert notices.due_for_fanout(connection) == []
        notices.release(connection, notice_id, reach=20)
    after = status(world, notice_id)
    assert (after.state, after.held_why, after.reach) == ("queued", None, 20)


def test_what_ended_is_known_to_those_who_remember_it(world):
    first, second = world.add(), world.add(incident_id=2)
    world.cancel()
    with reading(world.engine) as connection:
        assert notices.ended(connection, [first, second]) == {first}
