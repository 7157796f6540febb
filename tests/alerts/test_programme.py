"""The programmes: every rule cites where it stands, and one that nobody could read there sends no real alert."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import NOW

from alerts import errors, validation
from alerts.model import Severity
from alerts.programme import HOUR_S, PROGRAMMES, Programme, Rule, get
from alerts.programme_kind import own
from geo.shapes import from_circle

AREA = from_circle(-100.0, 35.0, 500)
EACH = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=lambda programme: programme.id)


def problems(read, record, programme: Programme) -> dict[str, Severity]:
    found = validation.check(read(record).alert, programme, None, AREA, NOW)
    return {problem.type: problem.severity for problem in found}


def test_the_countries_of_the_house_have_their_programmes() -> None:
    assert {name[:2] for name in PROGRAMMES} == {"us", "ca", "mx", "fr", "nl", "uk", "au"}
    with pytest.raises(errors.NotFound, match="us-amber"):
        get("nowhere")


@EACH
def test_every_rule_cites_its_source_or_says_that_it_is_our_own(programme: Programme) -> None:
    assert get(programme.id) is programme
    assert programme.sources.keys() == set(Rule)
    for source in programme.sources.values():
        assert source.document
        assert source.section
        assert source.document == "Lookout's own" or source.seen


@EACH
def test_every_programme_ends_and_says_who_approves(programme: Programme) -> None:
    assert 0 < programme.default_expiry_s <= programme.longest_expiry_s <= 72 * HOUR_S
    assert 0 < programme.repeat_after_s <= programme.longest_expiry_s
    assert (programme.max_age, bool(programme.approves), bool(programme.event)) == (17, True, True)


def test_france_ends_after_three_hours_and_repeats_every_quarter_of_one() -> None:
    france = PROGRAMMES["fr-alerte-enlevement"]
    assert (france.default_expiry_s, france.longest_expiry_s) == (3 * HOUR_S, 3 * HOUR_S)
    assert france.repeat_after_s == 900


@EACH
def test_an_alert_goes_live_exactly_where_every_rule_was_checked(read, record, programme: Programme) -> None:
    record |= {"status": "Actual", "programme": programme.id}
    found = problems(read, record, programme)
    assert (found.get("programme.unchecked") is Severity.ERROR) is bool(programme.unchecked)
    assert "programme.unchecked" not in problems(read, record | {"status": "Exercise"}, programme)


def test_the_refusal_names_the_rules_that_nobody_could_read(read, record) -> None:
    mexico = PROGRAMMES["mx-alerta-amber"]
    assert mexico.unchecked == (Rule.EXPIRY,)
    read_now = replace(mexico, sources={**mexico.sources, Rule.EXPIRY: own("read since")})
    record["status"] = "Actual"
    said = [p.message for p in validation.check(read(record).alert, mexico, None, AREA, NOW)]
    assert any("on expiry were not checked" in message for message in said)
    assert "programme.unchecked" not in problems(read, record, read_now)


def test_a_programme_may_ask_for_members_of_each_child_by_name(read, record) -> None:
    record["children"] = [{"name": "Robin Example", "age": 7, "sex": "female"}, {"age": 5, "hair": "short brown hair"}]
    found = validation.check(read(record).alert, PROGRAMMES["mx-alerta-amber"], None, AREA, NOW)
    assert {p.path for p in found if p.type.endswith(".missing")} == {"/children/1/name", "/children/1/sex"}
    assert "name.missing" not in problems(read, record, PROGRAMMES["us-amber"])


def test_the_flag_that_is_set_after_the_alert_does_not_hold_it_up(read, record) -> None:
    record |= {"status": "Actual", "ncic": {"number": "M000000001", "child_abduction_flag": True}}
    assert problems(read, record, PROGRAMMES["us-amber"]) == {"ncic.amber_alert_flag": Severity.WARNING}
