"""The same photo in two alerts is told; after the end it is held until a person confirms; nothing of it is left behind."""

from __future__ import annotations

import base64
import io
from datetime import timedelta

import pytest
from cast import BOTH, FIXTURES
from PIL import Image

from alerts import photo, reading
from alerts.errors import Refused
from alerts.service import decide, end, known_photos, submit
from alerts.tables import photo as photos
from notifiers.transactions import writing

PORTRAIT = (FIXTURES / "photos" / "portrait.jpg").read_bytes()


def again(quality: int = 40) -> bytes:
    """The portrait as somebody else saved it: smaller, and of another quality."""
    target = io.BytesIO()
    Image.open(io.BytesIO(PORTRAIT)).resize((480, 600)).save(target, "WEBP", quality=quality)
    return target.getvalue()


def told(left) -> set[str]:
    return {problem.type for problem in left.problems if problem.type.startswith("photo")}


@pytest.fixture
def put(submitted):
    """Submit with this photo."""

    def put_it(content: bytes = PORTRAIT, *, again: bool = False, status: str = "Actual", officer=None, **changes):
        given = {"base64": base64.b64encode(content).decode(), "again": again}
        return submitted(officer, status=status, photos=[given], **changes)

    return put_it


@BOTH
def test_the_same_photo_in_another_alert_is_told_to_whoever_brings_it_and_whoever_approves(house, put):
    first = put()
    second = put(again())
    assert (told(first), told(second)) == (set(), {"photo.known"})
    said = next(problem.message for problem in second.problems if problem.type == "photo.known")
    assert "CBI-00001" in said
    for one in (first, second):  # the first one's approver hears of it as well
        view = reading.get_alert(house.services, house.approver, one.id)
        assert "photo.known" in {problem.type for problem in view.problems}


def test_what_another_agency_has_not_let_go_stays_unnamed(house, put, make_square):
    def message_to_the_stranger() -> str:
        left = put(again(), officer=house.stranger, area={"geojson": make_square(0.2, (-111.9, 40.76))})
        return " ".join(problem.message for problem in left.problems if problem.type == "photo.known")

    first = put()
    assert "another agency prepares" in message_to_the_stranger()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    assert "an alert of Colorado Example" in message_to_the_stranger()


@BOTH
def test_after_the_end_the_same_photo_is_held_until_a_person_confirms_it(house, put):
    first = put()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    end.cancel(house.services, house.submitter, first.id)
    with pytest.raises(Refused) as caught:
        put(again())
    assert [(one.type, one.path) for one in caught.value.problems if one.type == "photo.held"] == [
        ("photo.held", "/photos/0")
    ]
    assert told(put(again(), again=True)) == {"photo.again"}


def test_a_drill_with_the_same_drawing_every_month_is_not_held(house, put):
    first = put(status="Exercise")
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    end.cancel(house.services, house.submitter, first.id)
    assert told(put(again(), status="Exercise")) == {"photo.again"}


def test_what_was_rejected_unseen_may_come_again(house, put):
    first = put()
    decide.reject(house.services, house.approver, first.id, "a better photo, please")
    assert told(put(again())) == set()


def test_an_edit_and_an_update_with_the_same_photo_are_no_news(house, put, take):
    first = put()
    given = {"base64": base64.b64encode(again()).decode()}
    edited = submit.edit(house.services, house.submitter, first.id, take(status="Actual", photos=[given]))
    assert told(edited) == set()


def test_a_year_later_it_is_known_no_more(house, put):
    first = put()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    end.cancel(house.services, house.submitter, first.id)
    house.clock.pass_time(days=366)
    with writing(house.services.engine) as connection:
        assert known_photos.forget(connection, house.services) == 1
    assert {row.tags for row in house.rows(photos)} == {None}
    house.clock.ahead = timedelta()
    assert told(put(again())) == set()


def test_without_the_key_of_the_tags_every_photo_is_forgotten(house, put):
    first = put()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    end.cancel(house.services, house.submitter, first.id)
    house.services.vault.destroy("photos")
    assert told(put(again())) == set()


def test_the_hash_lies_nowhere_in_the_clear_while_the_alert_lives_or_after(house, put):
    bits = photo.take_in(PORTRAIT, limits=house.services.settings).pdq.bits
    first = put()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    assert files_with(house, bits) == []
    end.cancel(house.services, house.submitter, first.id)
    assert files_with(house, bits) == []
    assert files_with(house, house.rows(photos)[0].tags)  # the search finds what is there


def files_with(house, content: bytes) -> list[str]:
    """Files of the data directory that hold either half of it."""
    halves = (content[:16], content[16:32])
    files = [path for path in house.services.settings.data.rglob("*") if path.is_file()]
    return [path.name for path in files if any(half in path.read_bytes() for half in halves)]
