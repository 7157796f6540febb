"""Passing an alert on: always the link to the one page, with its card, and never the child's name in an address."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

import pytest
from PIL import Image
from visitors import ORIGIN, picture

from alerts import reading
from alerts.pages import public_page
from alerts.pages.public_page import Reader, share_links
from alerts.pages.words import words
from alerts.schedule import Schedule
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document
from notifiers.catalogues import ALL
from notifiers.tables import look_count

PAGE, CARD = "https://alerts.example/a/t0ken?c=share", "https://alerts.example/a/t0ken/card.jpg"


@pytest.fixture
def in_force(house, make_record):
    record = make_record(photos=[{"base64": base64.b64encode(picture()).decode()}])
    document = read_document(house.services, house.submitter, json.dumps(record).encode(), "application/json")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


def test_seven_ways_all_carry_the_link_and_nothing_else_of_the_alert():
    ways = dict(share_links("Missing child alert", PAGE, CARD))
    assert set(ways) == {"WhatsApp", "Messenger", "Facebook", "X", "Telegram", "text_message", "email"}
    assert all(PAGE in unquote(address) for address in ways.values())
    assert not any("attach" in address for address in ways.values())


def test_an_e_mail_links_the_picture_and_never_attaches_it():
    ways = dict(share_links("Missing child alert", PAGE, CARD))
    assert [name for name, address in ways.items() if CARD in unquote(address)] == ["email"]
    assert unquote(ways["email"]).endswith(f"body=Missing child alert:\r\n{PAGE}\r\n\r\n{CARD}")


def test_neither_addresses_nor_what_is_shown_of_a_link_name_the_child(browser, in_force, make_record):
    name = make_record()["children"][0]["name"]
    page = unescape(browser().get(f"/a/{in_force.token}").text)
    addresses = re.findall(r'(?:href|src|srcset|content)="([^"]*)"', page.replace("\n", " "))
    assert name in page
    assert not any(name in unquote(address) or name.split()[0] in unquote(address) for address in addresses)


def test_a_site_that_embeds_links_gets_a_title_and_the_card_and_later_that_it_is_over(house, browser, in_force):
    asked = {"url": f"{ORIGIN}/a/{in_force.token}?c=share", "format": "json"}
    told = browser().get("/oembed", params=asked).json()
    assert told["type"] == "link"
    shown = browser().get(told["thumbnail_url"])
    assert Image.open(io.BytesIO(shown.content)).size == (1200, 630)
    assert shown.headers["cache-control"] == "public, max-age=300"
    end.cancel(house.services, house.submitter, in_force.id)
    assert browser().get("/oembed", params=asked).json()["title"] == "This alert is over"


def test_a_preview_is_in_the_language_of_the_page_that_was_linked(browser, in_force):
    page = f"{ORIGIN}/a/{in_force.token}"
    titles = [browser().get("/oembed", params={"url": url}).json()["title"] for url in (page, f"{page}?lang=es")]
    assert [title.partition(":")[0] for title in titles] == ["Missing child alert", "Alerta de menor desaparecido"]
    html = browser().get(f"/a/{in_force.token}?lang=es").text
    [discovered] = re.findall(r'type="application/json\+oembed" href="([^"]+)"', html)
    assert browser().get(unescape(discovered)).json()["title"] == titles[1]


def test_oembed_gives_no_picture_that_is_larger_than_asked_for(browser, in_force):
    asked = {"url": f"{ORIGIN}/a/{in_force.token}"}
    assert "thumbnail_url" in browser().get("/oembed", params=asked | {"maxwidth": 1200}).json()
    assert "thumbnail_url" not in browser().get("/oembed", params=asked | {"maxheight": 400}).json()


def test_who_asks_for_no_language_reads_that_it_is_over_in_the_one_it_was_told_in_first(house, browser, make_record):
    texts = {tag: {"headline": "x", "description": "y"} for tag in ("ar", "en")}
    document = read_document(
        house.services, house.submitter, json.dumps(make_record(texts=texts)).encode(), "application/json"
    )
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    before = reading.public_alert(house.services, left.token)
    end.cancel(house.services, house.submitter, left.id)
    after = reading.public_alert(house.services, left.token)
    assert "ar" in before.texts
    assert list(after.texts)[: len(before.texts)] == list(before.texts)
    first = replace(after, texts={"ar": after.texts["ar"]} | dict(after.texts))
    page = public_page.write(first, Reader(spoken=ALL), now=house.clock(), base_url=ORIGIN)
    assert '<html lang="ar" dir="rtl">' in page
    assert words("ar", ALL)["over"] in unescape(page.partition("</head>")[0])
    assert public_page.embedded(first, ORIGIN, Reader(spoken=ALL))["title"] == words("ar", ALL)["over"]


def test_oembed_knows_our_alerts_only_and_says_which_form_it_speaks(browser, in_force):
    assert browser().get("/oembed", params={"url": "https://elsewhere.example/a/x"}).status_code == 404
    assert browser().get("/oembed", params={"url": f"{ORIGIN}/a/x", "format": "xml"}).status_code == 501


@pytest.fixture
def phone(browser):
    found = browser()
    found.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/124 Mobile"
    return found


def counted(house):
    Schedule(house.services).write_counts()
    return {(row.way, row.what): row.count for row in house.rows(look_count)}


def passed_on(phone, path, came_by):
    """One visit by a link, one share from it; the token of the next link."""
    assert phone.get(path, params={"c": came_by}).status_code == 200
    minted = phone.post(f"{path}/link", params={"c": came_by})
    assert phone.post(f"{path}/shared", params={"c": came_by}).status_code == 204
    return minted.text


def test_how_far_a_shared_link_came_is_counted_in_sum(house, phone, in_force):
    token, path = "push", f"/a/{in_force.token}"
    for _ in range(7):
        token = passed_on(phone, path, token)
    visits = {way: count for (way, what), count in counted(house).items() if what == "visited"}
    assert visits == {"push": 1, "share": 1, "share2": 1, "share3": 1, "share4": 3}
    assert counted(house)["share2", "shared"] == 1


def test_a_depth_that_somebody_made_up_is_counted_as_nothing_in_particular(house, phone, in_force):
    path = f"/a/{in_force.token}"
    for claimed in ("share", "share4", "share9", "AAAAAAAAAAAAAAAA", phone.post("/a/another/link").text):
        assert phone.get(path, params={"c": claimed}).status_code == 200
    assert counted(house) == {("other", "visited"): 5}


def test_the_links_of_a_page_without_script_carry_a_token_of_a_first_share(house, browser, phone, in_force):
    path = f"/a/{in_force.token}"
    page = unquote(unescape(browser().get(path).text))
    tokens = set(re.findall(rf"{ORIGIN}{path}\?c=([\w-]+)", page))
    assert tokens == set(re.findall(r'data-mark="([^"]+)"', page))
    phone.get(path, params={"c": tokens.pop()})
    assert counted(house) == {("share", "visited"): 1}


def test_no_token_is_kept_or_logged(house, phone, in_force, capfd):
    tokens = [passed_on(phone, f"/a/{in_force.token}", "") for _ in range(3)]
    counted(house)
    held = b"".join(path.read_bytes() for path in house.services.settings.data.rglob("*") if path.is_file())
    assert in_force.token.encode() in held
    assert not any(token.encode() in held for token in tokens)
    assert not any(token in text for token in tokens for text in capfd.readouterr())
