"""Words that no native reader has reviewed are off in live mode, until an operator answers for them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from alerts.errors import Conflict, NotFound
from alerts.service import decide, end, languages, submit
from alerts.service.drafting import read_document
from alerts.settings import Mode
from alerts.tables import audit
from notifiers import notices
from notifiers.catalogues import ALL, ENGLISH
from notifiers.transactions import reading

GERMAN = {"accept-language": "de"}


@pytest.fixture
def services(services):
    return replace(services, settings=replace(services.settings, mode=Mode.LIVE))


def test_live_pages_speak_english_until_an_operator_switches_their_language_on_and_again_after_it(house, browser):
    reader = browser()
    assert '<html lang="en"' in reader.get("/subscribe", headers=GERMAN).text
    languages.switch(house.services, house.operator, "de", on=True)
    german = reader.get("/subscribe", headers=GERMAN).text
    assert '<html lang="de"' in german
    assert "Muttersprache" in german  # and it says that nobody has reviewed it
    languages.switch(house.services, house.operator, "de", on=False)
    assert '<html lang="en"' in reader.get("/subscribe", headers=GERMAN).text


def test_a_sandbox_speaks_all_of_them_and_says_that_nobody_has_reviewed_them(house):
    sandbox = replace(house.services, settings=replace(house.services.settings, mode=Mode.SANDBOX))
    assert languages.spoken(sandbox) == ALL
    assert languages.spoken(house.services) == {ENGLISH}


def test_a_switch_is_written_down_once(house):
    for _ in range(2):
        languages.switch(house.services, house.operator, "fr", on=True)
    assert [one.tag for one in languages.listed(house.services) if one.switched] == ["fr"]
    written = [row.detail for row in house.rows(audit) if row.action == "language"]
    assert [json.loads(detail) for detail in written] == [{"language": "fr", "on": 1}]


def test_english_and_what_is_none_cannot_be_switched(house):
    with pytest.raises(Conflict):
        languages.switch(house.services, house.operator, ENGLISH, on=False)
    with pytest.raises(NotFound):
        languages.switch(house.services, house.operator, "xx", on=True)


def test_without_the_database_the_last_word_stands(house, monkeypatch):
    languages.switch(house.services, house.operator, "fr", on=True)
    assert "fr" in languages.spoken(house.services)
    house.services.speaks.forget()
    monkeypatch.setattr(languages, "_read", lambda services: 1 / 0)
    assert "fr" in languages.spoken(house.services)


def test_a_notice_and_its_end_say_in_english_what_was_off_when_they_were_let_go(house, make_record):
    document = json.dumps(make_record(status="Actual", languages=["en"], texts={})).encode()
    left = submit.submit(
        house.services, house.submitter, read_document(house.services, house.submitter, document, "application/json")
    )
    began = decide.approve(house.services, house.approver, left.id, left.content_hash)
    assert said_of(house, began.notice_id).spoken == {ENGLISH}
    languages.switch(house.services, house.operator, "de", on=True)
    ended = end.cancel(house.services, house.submitter, left.id)
    assert said_of(house, ended.notice_id).spoken == {ENGLISH, "de"}


def said_of(house, notice_id):
    with reading(house.services.engine) as connection:
        return notices.get(connection, house.services.vault, notice_id)
