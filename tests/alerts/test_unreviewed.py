"""Texts that Lookout would write in words that nobody has reviewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts import programme, unreviewed
from alerts.compose import Origin, from_record
from alerts.model import Status
from alerts.record import Record
from alerts.record_example import EXAMPLE
from notifiers.catalogues import ALL, ENGLISH

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OWN = {"headline": "Menor desaparecida", "description": "Robin, de 7 años.", "instruction": "Llame al 911."}


@pytest.fixture
def alert():
    def made(status="Actual", **texts):
        record = Record.model_validate(EXAMPLE | {"languages": ["en", "es"], "texts": texts, "status": status})
        return from_record(record, Origin("a@b.example", "A", "us-amber"), programme.get("us-amber"), NOW)

    return made


def found(alert, spoken):
    return [(one.severity.value, one.type, one.path) for one in unreviewed.check(alert, spoken)]


def test_what_is_off_is_refused_and_what_is_on_is_marked(alert):
    assert found(alert(), frozenset({ENGLISH})) == [("error", "texts.unreviewed", "/texts/es")]
    assert found(alert(), ALL) == [("warning", "texts.unreviewed", "/texts/es")]


def test_an_authoritys_own_texts_are_its_own_and_a_part_of_them_is_not_enough(alert):
    assert found(alert(es=OWN), frozenset({ENGLISH})) == []
    assert found(alert(es=OWN | {"instruction": None}), frozenset({ENGLISH})) != []


def test_a_drill_may_try_every_language(alert):
    assert found(alert("Exercise"), frozenset({ENGLISH})) == [("warning", "texts.unreviewed", "/texts/es")]


def test_a_cap_message_says_what_it_says(alert):
    assert found(replace(alert(), record=None, status=Status.ACTUAL), frozenset({ENGLISH})) == []
