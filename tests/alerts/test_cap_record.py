"""Record -> CAP -> record gives the same for all that CAP carries, and CAP -> record -> CAP keeps what was said."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from desk import NOW, ORIGIN
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import area, cap, cap_record, compose, texts
from alerts.compose import HeldPhoto
from alerts.model import Alert, Area, Info, MsgType, Resource, Status
from alerts.plain_words import is_filler, shortened
from alerts.programme import US_AMBER
from alerts.record import Record
from alerts.record_example import EXAMPLE

LETTERS = string.ascii_letters + string.digits + " .,;:'\"&<>()-áéñüßçÅあعह😀"


def plain(text: str) -> bool:
    kept = " ".join(text.split())
    return bool(kept) and kept == text and not shortened(text) and not is_filler(text)


def lines(most: int = 60) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=most).filter(plain)


@st.composite
def members(draw: st.DrawFn, required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    """An object with all of `required` and some of `optional`."""
    chosen = required | {name: optional[name] for name in optional if draw(st.booleans())}
    return {name: draw(strategy) for name, strategy in chosen.items()}


MEASURED = {
    "height_m": st.floats(0.2, 2.7),
    "weight_kg": st.floats(1, 400),
    "birth_date": st.dates(min_value=date(1950, 1, 1)).map(str),
    "sex": st.sampled_from(["female", "male"]),
}
LOOKS = {"name": lines(), "age": st.integers(0, 17), "hair": lines(), "eyes": lines(), "complexion": lines()}
LOOKS |= {"race_or_ethnicity": lines(), "clothing": lines(), "marks": lines()} | MEASURED
CHILD = members({}, LOOKS | {"medical_needs": lines()})
SUSPECT = members({}, LOOKS | {"relation": lines(), "armed_or_dangerous": st.just(True)})
VEHICLE = members(
    {"plate": lines(10)},
    {
        "year": st.integers(1900, 2100),
        "make": lines(20),
        "colour": lines(20),
        "plate_region": lines(20),
        "body": lines(),
    },
).filter(lambda one: not one.get("plate_region", "").isupper())
MOMENT = st.builds(
    lambda day, minute, hours: f"{day}T{minute // 60:02}:{minute % 60:02}:00{hours:+03}:00",
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1439),
    st.integers(-11, 13),
)
POINT = st.fixed_dictionaries({"lon": st.floats(-180, 180), "lat": st.floats(-90, 90)})
ABDUCTION = members(
    {"at": MOMENT, "place": lines()}, {"point": POINT, "circumstances": lines(200), "direction_of_travel": lines()}
)
CIRCLE = st.fixed_dictionaries(
    {"lon": st.integers(-179, 179), "lat": st.integers(-80, 80), "radius_m": st.integers(100, 90_000)}
)
PART = {"same": st.lists(st.sampled_from(["006067", "049035", "008031"]), unique=True, min_size=1, max_size=3)}
AREA = members({"description": lines(), "circles": st.lists(CIRCLE, min_size=1, max_size=3)}, PART)
SAID = members({}, {"headline": lines(), "description": lines(200), "instruction": lines(), "push_title": lines(40)})
NCIC = members({}, {"number": lines(20), "child_abduction_flag": st.just(True), "amber_alert_flag": st.just(True)})
RECORD = members(
    {
        "status": st.sampled_from(["Actual", "Exercise", "Test"]),
        "case_number": lines(),
        "agency": lines(),
        "programme": st.just("us-amber"),
        "attestation": members(
            {"abduction": st.booleans(), "imminent_danger": st.booleans()}, {"statement": lines(200)}
        ),
        "children": st.lists(CHILD.filter(bool), min_size=1, max_size=3),
        "abduction": ABDUCTION,
        "contact": st.fixed_dictionaries({"name": lines(), "telephone": st.just("+1 916 555 0100")}),
        "area": AREA,
        "languages": st.lists(st.sampled_from(["en", "es-US", "fr", "ar", "hi"]), unique=True, min_size=1, max_size=4),
    },
    {
        "ncic": NCIC.filter(bool),
        "suspects": st.lists(SUSPECT.filter(bool), min_size=1, max_size=2),
        "vehicles": st.lists(VEHICLE, min_size=1, max_size=3),
        "texts": st.dictionaries(st.sampled_from(["en", "fr", "ar"]), SAID.filter(bool), max_size=3),
    },
)


def alert_of(record: Record) -> Alert:
    return compose.from_record(record, ORIGIN, US_AMBER, NOW)


def again(alert: Alert) -> Alert:
    found = cap.read(cap.write(alert))
    assert found.alert is not None, found.problems
    return found.alert


def as_told(record: Record, alert: Alert) -> dict[str, Any]:
    """The record with what the message wrote out for it: identity, end, languages, and texts by language."""
    whole = record.model_dump(mode="json", exclude={"texts", "cap"}) | {
        "identifier": alert.identifier,
        "sent_at": alert.sent_at.isoformat(),
        "expires_at": alert.expires_at.isoformat() if alert.expires_at else None,
        "languages": list(alert.languages),
    }
    return Record.model_validate({name: value for name, value in whole.items() if value is not None}).model_dump(
        exclude={"texts", "cap"}
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(RECORD)
def test_a_record_comes_back_from_its_cap_as_it_was(given_record: dict[str, Any]) -> None:
    record = Record.model_validate(given_record)
    alert = alert_of(record)
    back = Record.model_validate(cap_record.record_of(again(alert)))
    assert back.model_dump(exclude={"texts", "cap"}) == as_told(record, alert)
    assert {tag: texts.from_record(back, tag) for tag in alert.languages} == {
        tag: texts.from_record(record, tag) for tag in alert.languages
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(RECORD)
def test_cap_made_of_a_record_that_came_from_cap_says_the_same(given_record: dict[str, Any]) -> None:
    first = again(alert_of(Record.model_validate(given_record)))
    second = again(alert_of(Record.model_validate(cap_record.record_of(first))))
    assert second == first


def foreign(gazetteer) -> Alert:
    """A message from elsewhere, with what a record has no word for; its case beside it as our parameters."""
    mine = alert_of(Record.model_validate(EXAMPLE | {"area": {"same": ["006067"]}, "languages": ["en"], "texts": {}}))
    code = (("SAME", "006067"), ("UGC", "CAZ017"))
    ring = ((-121.0, 38.0), (-120.0, 38.0), (-120.0, 39.0), (-121.0, 39.0), (-121.0, 38.0))
    info = replace(
        mine.infos[0],
        language="en-US",
        headline="Child missing near the river",
        description="One line.\nAnother line.",
        event_codes=(("SAME", "CAE"), ("profile:CAP-CP:Event:0.4", "amber")),
        parameters=(*mine.infos[0].parameters, ("EAS-ORG", "CIV")),
        web="https://police.example/case",
        resources=(Resource("Map", "image/png", 7, "https://police.example/map.png", digest="a" * 40),),
        areas=(Area("By the river", polygons=(ring,), geocodes=code, altitude=10.0, ceiling=90.5),),
    )
    return replace(
        mine, infos=(info,), record=None, source="desk 4", codes=("IPAWSv1.0",), note="n", incidents=("x y",)
    )


def test_a_message_from_elsewhere_keeps_texts_areas_codes_and_resources(gazetteer) -> None:
    first = again(foreign(gazetteer))
    second = again(alert_of(Record.model_validate(cap_record.record_of(first))))
    assert (second.source, second.codes, second.note, second.incidents) == ("desk 4", ("IPAWSv1.0",), "n", ("x y",))
    for name in ("headline", "description", "event_codes", "web", "resources"):
        assert getattr(second.infos[0], name) == getattr(first.infos[0], name)
    assert ("EAS-ORG", "CIV") in second.infos[0].parameters
    assert {c for a in second.areas for c in a.geocodes} == {("SAME", "006067"), ("UGC", "CAZ017")}
    assert (second.areas[0].altitude, second.areas[0].ceiling) == (10.0, 90.5)


def test_a_code_beside_a_drawn_area_does_not_widen_it(gazetteer) -> None:
    first = again(foreign(gazetteer))
    second = again(alert_of(Record.model_validate(cap_record.record_of(first))))
    assert area.effective(second, gazetteer).shape.digest() == area.effective(first, gazetteer).shape.digest()


def test_a_message_without_a_record_names_what_a_record_needs(sample) -> None:
    alert = cap.read(sample("oasis-cap-1.2-a4-amber.xml"), lenient=True).alert
    assert alert is not None
    found = cap_record.record_of(alert)
    assert found["texts"]["en-US"]["headline"].startswith("Amber Alert")
    with pytest.raises(ValueError, match="children") as caught:
        Record.model_validate(found)
    assert "abduction" in str(caught.value)


def test_a_photo_inside_a_message_comes_into_the_record() -> None:
    inside = Resource("The child", "image/jpeg", 3, None, deref_uri="QUJD")
    info = Info(
        "Child Abduction", language="en", resources=(inside,), areas=(Area("x", geocodes=(("SAME", "006067"),)),)
    )
    alert = Alert("1", "s", datetime(2026, 1, 1, tzinfo=UTC), Status.TEST, MsgType.ALERT, infos=(info,))
    assert cap_record.record_of(alert)["photos"] == [{"base64": "QUJD", "description": "The child"}]


def test_held_photos_keep_their_number_and_whom_they_show() -> None:
    record = Record.model_validate(
        EXAMPLE | {"photos": [{"base64": "QUJD", "of": "/suspects/0", "description": "him"}]}
    )
    bare = record.model_copy(update={"photos": [p.model_copy(update={"base64": None}) for p in record.photos]})
    alert = compose.with_photos(alert_of(bare), [HeldPhoto(8, 100)])
    (photo,) = cap_record.record_of(again(alert))["photos"]
    assert photo == {"photo_id": 8, "of": "/suspects/0", "description": "him"}


def test_what_others_get_holds_no_entry_no_statement_and_an_age_for_a_birth_date() -> None:
    record = Record.model_validate(EXAMPLE | {"children": [{"name": "Robin Example", "birth_date": "2018-06-01"}]})
    told = dict(cap_record.parameters_of(cap_record.released(record)))
    names = {name.removeprefix(cap_record.PREFIX) for name in told}
    assert told[cap_record.PREFIX + "/children/0/age"] == "7"
    assert not [
        name for name in names if name.startswith(("/ncic", "/photos")) or "birth" in name or "statement" in name
    ]
    assert "/ncic/number" in {n.removeprefix(cap_record.PREFIX) for n, _ in cap_record.parameters_of(record)}


@pytest.mark.parametrize(
    "name", ["/children/0/secret", "/children/99999999999/age", "/status", "//", "", "/children/0", "/area/same/0"]
)
def test_a_parameter_that_is_no_place_of_a_record_is_passed_over(name: str) -> None:
    alert = alert_of(Record.model_validate(EXAMPLE))
    infos = (replace(alert.infos[0], parameters=((cap_record.PREFIX + name, "x"),)), *alert.infos[1:])
    found = cap_record.record_of(replace(alert, infos=infos))
    assert not found.keys() & {"children", "secret", ""}
    assert found["status"] == "Exercise"


def test_a_number_that_is_none_is_left_for_the_record_to_refuse() -> None:
    alert = alert_of(Record.model_validate(EXAMPLE))
    wrong = tuple((n, "seven" if n.endswith("/children/0/age") else v) for n, v in alert.infos[0].parameters)
    found = cap_record.record_of(replace(alert, infos=(replace(alert.infos[0], parameters=wrong), *alert.infos[1:])))
    with pytest.raises(ValueError, match=r"children\.0\.age"):
        Record.model_validate(found)
