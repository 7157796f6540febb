"""What grows from one content to the next, and that nothing one person may do alone ever makes anything grow."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cast import record as fresh
from cast import square
from desk import NOW, ORIGIN, Limits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import intake
from alerts.area import place
from alerts.growth import Grown, Whole, grows
from alerts.model import Status

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@pytest.fixture
def whole(gazetteer):
    """The content of a record, as changed."""

    def made(document: dict[str, Any], hours: int = 5) -> Whole:
        body = json.dumps(document | {"expires_at": (NOW + timedelta(hours=hours)).isoformat()}).encode()
        alert = intake.read(
            body, "application/json", now=NOW, limits=Limits(), origin=ORIGIN, gazetteer=gazetteer
        ).alert
        shape = place(alert.areas, gazetteer).shape
        assert shape is not None
        return Whole(alert, shape, alert.expires_at)

    return made


def document(side: float = 0.4) -> dict[str, Any]:
    found = fresh(area={"geojson": square(side)})
    found["abduction"]["at"] = (NOW - timedelta(hours=2)).isoformat()
    return found


def test_the_same_content_grows_in_nothing(whole):
    assert grows(whole(document()), whole(document())) == frozenset()


@pytest.mark.parametrize(("side", "hours", "found"), [
    (0.5, 5, {Grown.RECIPIENTS}), (0.3, 5, set()), (0.4, 6, {Grown.TIME}), (0.4, 4, set()),
    (0.4001, 6, {Grown.RECIPIENTS, Grown.TIME}),
])  # fmt: skip
def test_a_larger_area_is_more_recipients_and_a_later_end_more_time(whole, side, hours, found):
    assert grows(whole(document()), whole(document(side), hours)) == found


def test_an_exercise_that_becomes_real_tells_other_people(whole):
    before = whole(document())
    real = replace(before, alert=replace(before.alert, status=Status.ACTUAL))
    assert Grown.RECIPIENTS in grows(before, real)


@pytest.mark.parametrize(("path", "value"), [
    ("/children/0/clothing", "a red coat"), ("/children/0/name", "Somebody Else"), ("/abduction/place", "Elsewhere"),
    ("/contact/telephone", "+1 303 555 0199"), ("/vehicles/0/plate", "OTHER"), ("/children/0/age", 8),
])  # fmt: skip
def test_another_word_or_number_is_more_words(whole, path, value):
    changed = document()
    *way, leaf = path.split("/")[1:]
    at: Any = changed
    for step in way:
        at = at[int(step) if isinstance(at, list) else step]
    at[leaf] = value
    assert grows(whole(document()), whole(changed)) == {Grown.WORDS}


def test_own_words_taken_back_are_more_words_where_others_take_their_place(whole):
    own = document() | {"texts": {"en": {"headline": "Look out for Robin"}}}
    assert grows(whole(own), whole(document())) == {Grown.WORDS}


def test_a_language_less_is_less_and_one_more_is_more(whole):
    one, two = document() | {"languages": ["en"]}, document() | {"languages": ["en", "es"]}
    assert grows(whole(two), whole(one)) == frozenset()
    assert Grown.WORDS in grows(whole(one), whole(two))


def leaves(part: Any, at: str = "") -> list[str]:
    if isinstance(part, dict):
        return [one for name, value in part.items() for one in (f"{at}/{name}", *leaves(value, f"{at}/{name}"))]
    if isinstance(part, list):
        return [one for n, value in enumerate(part) for one in (f"{at}/{n}", *leaves(value, f"{at}/{n}"))]
    return []


def without(part: dict[str, Any], pointer: str) -> dict[str, Any]:
    left = copy.deepcopy(part)
    *way, leaf = pointer.split("/")[1:]
    at: Any = left
    for step in way:
        at = at[int(step) if isinstance(at, list) else step]
    del at[int(leaf) if isinstance(at, list) else leaf]
    return left


@QUIET
@given(st.data())
def test_what_is_withdrawn_from_a_record_adds_no_fact_and_putting_it_back_does(whole, data):
    full = document()
    pointer = data.draw(
        st.sampled_from([one for one in leaves(full) if one.startswith(("/children/0/", "/vehicles/"))])
    )
    try:
        less = whole(without(full, pointer))
    except intake.errors.Refused:
        return
    before = whole(full)
    if less.alert.record == before.alert.record:
        return
    assert Grown.WORDS in grows(less, before)
    if not grows(before, less):
        said = {word for info in before.alert.infos for word in f"{info.headline} {info.description}".split()}
        left = {word for info in less.alert.infos for word in f"{info.headline} {info.description}".split()}
        assert {one.strip(".,;:").casefold() for one in left} <= {one.strip(".,;:").casefold() for one in said}


@QUIET
@given(st.lists(st.tuples(st.floats(0.05, 0.6), st.integers(1, 9), st.booleans()), min_size=3, max_size=6))
def test_to_grow_in_nothing_is_transitive(whole, tries):
    """A chain of steps that each grow in nothing leaves what grows in nothing compared with its beginning."""
    first = last = whole(document(), 9)
    for side, hours, named in tries:
        changed = document(side) if named else without(document(side), "/children/0/name")
        step = whole(changed, hours)
        if not grows(last, step):
            last = step
    assert grows(first, last) == frozenset()
