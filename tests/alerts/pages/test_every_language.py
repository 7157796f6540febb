"""The public pages in every language: no sentence of ours is left in English, and each page runs the right way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from visitors import NOW

from alerts.pages import render
from alerts.pages.words import moment
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from alerts.settings import Mode
from notifiers.catalogues import ENGLISH, NAMES, catalogue

OTHERS = [tag for tag in NAMES if tag != ENGLISH]
SUBSCRIBED = {"place": "Denver", "language": "en", "consent": "yes"}
NOT_OURS = "<(script|style|textarea|datalist|select)\\b.*?</\\1>|<[^>]*>"


@pytest.fixture
def services(services):
    return replace(services, settings=replace(services.settings, mode=Mode.SANDBOX))


@pytest.fixture
def paths(house, make_record):
    document = read_document(
        house.services, house.submitter, json.dumps(make_record(languages=list(NAMES))).encode(), "application/json"
    )
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    alert = f"/a/{left.token}"
    return [alert, f"{alert}/saw", f"{alert}/removal", "/subscribe", "/inbox", "/inbox/when", "/transparency", "/", "/a/none", "/nothing"]  # fmt: skip


def words_on(page: str) -> str:
    return " ".join(unescape(re.sub(NOT_OURS, " ", page, flags=re.DOTALL)).split())


def in_english(language: str, shown: str) -> list[str]:
    """Our sentences that stand there in English though the catalogue has them."""
    english, other = catalogue(ENGLISH).said, catalogue(language).said
    found = [key for key, said in english.items() if " " in said and "{" not in said and said != other[key]]
    return [key for key in found if english[key] in shown]


@pytest.mark.parametrize("tag", OTHERS)
def test_no_public_page_says_in_english_what_the_catalogue_has(browser, paths, tag):
    reader = browser()
    reader.headers["accept-language"] = tag
    reader.post("/subscribe", data=SUBSCRIBED)
    for path in paths:
        page = reader.get(path).text
        assert re.search(rf'<html lang="{tag}"( dir="(rtl|ltr)")?>', page), path
        assert ('dir="rtl"' in page.split(">", 2)[1]) == (tag == "ar"), path
        assert in_english(tag, words_on(page)) == [], path
        assert catalogue(tag).said["unreviewed"] in words_on(page), path
    assert in_english(tag, words_on(reader.post("/inbox/leave").text)) == []


def test_who_is_signed_in_reads_the_house_in_english(signed_in):
    officer = signed_in("operator")
    assert '<html lang="en"' in officer.get("/transparency", headers={"accept-language": "de"}).text
    assert "This is not for you" in officer.get("/console/alerts/none", headers={"accept-language": "de"}).text


@pytest.mark.parametrize(("tag", "said"), [("en", "22 Nov 2026, 17:20 UTC"), ("de-AT", "22. Nov. 2026, 17:20 UTC"), ("ar", "22 نوفمبر 2026، 17:20 UTC"), ("xx", "22 Nov 2026, 17:20 UTC")])  # fmt: skip
def test_a_time_is_told_in_the_readers_words(tag, said):
    assert moment(NOW, tag) == said


@pytest.mark.parametrize("name", ["base.css", "public.css", "saw.css", "app.css", "board.css"])
def test_no_style_of_ours_knows_left_from_right(name):
    """Only where reading begins and where it ends: in Arabic that is the other way round."""
    sides = r"(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)|float:"
    assert re.findall(sides, render.static_file(name).decode()) == []
