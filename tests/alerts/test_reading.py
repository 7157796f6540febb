import pytest

from alerts import reading
from alerts.errors import NotAllowed, NotFound
from alerts.service import decide, submit
from alerts.service.drafting import read_document


@pytest.fixture
def alert(house, make_record):
    import json

    body = json.dumps(make_record()).encode()
    document = read_document(house.services, house.submitter, body, "application/json")
    return submit.submit(house.services, house.submitter, document)


@pytest.fixture
def approved(house, alert):
    decide.approve(house.services, house.approver, alert.id, alert.content_hash)
    return alert


def test_the_public_sees_nothing_before_the_approval(house, alert):
    with pytest.raises(NotFound):
        reading.public_alert(house.services, alert.token)


def test_the_public_sees_who_is_missing_where_and_whom_to_call(house, approved):
    seen = reading.public_alert(house.services, approved.token)
    [child], [vehicle] = seen.children, seen.vehicles
    assert (child.name, vehicle.plate, seen.over) == ("Robin Example", "EXA-417", False)
    assert seen.contact_telephone == "+1 303 555 0117"
    assert seen.area.digest() == approved.area_digest
    assert list(seen.texts) == ["en", "es"]


def test_what_is_for_the_second_officer_is_not_released(house, approved):
    seen = repr(reading.public_alert(house.services, approved.token))
    assert "EX-2026-0417" not in seen
    assert "a witness saw" not in seen
    assert "M000000417" not in seen


def test_lines_about_people_are_in_the_language_asked_for(house, approved):
    english = reading.public_alert(house.services, approved.token)
    spanish = reading.public_alert(house.services, approved.token, language="es")
    assert english.children[0].age != spanish.children[0].age
    assert english.children[0].name == spanish.children[0].name


def test_a_token_that_is_none_is_not_found(house):
    with pytest.raises(NotFound):
        reading.public_alert(house.services, "x" * 22)


def test_the_list_is_the_agencys_own_newest_first(house, alert):
    assert [row.id for row in reading.list_alerts(house.services, house.approver)] == [alert.id]
    assert reading.list_alerts(house.services, house.stranger) == []
    with pytest.raises(NotAllowed):
        reading.list_alerts(house.services, house.operator)


def test_a_reference_says_nothing_of_the_child(house, alert):
    [row] = reading.list_alerts(house.services, house.approver)
    assert row.reference == "CBI-00001"
    assert row.headline.startswith("Missing child: Robin Example")


def test_the_view_names_its_authors_and_who_decided(house, approved):
    view = reading.get_alert(house.services, house.submitter, approved.id)
    assert (view.authors, view.decided_by) == (("Submitter",), "Approver")
    assert view.actions == ("enlarge", "update", "reduce", "repeat", "cancel")


def test_the_cap_message_is_what_was_approved(house, approved):
    xml = reading.cap_xml(house.services, house.submitter, approved.id)
    assert b"<status>Exercise</status>" in xml
    assert b"cbi@agency.example" in xml


@pytest.mark.parametrize(
    ("number", "size", "form"),
    [(0, "small", "jpg"), (1, "small", "jpg"), (-1, "full", "webp"), (1, "x", "jpg"), (1, "small", "x")],
)
def test_a_photo_that_is_none_is_not_found(house, approved, number, size, form):
    with pytest.raises(NotFound):
        reading.public_photo(house.services, approved.token, number, size, form)
    with pytest.raises(NotFound):
        reading.officer_photo(house.services, house.submitter, approved.id, number, size, form)
