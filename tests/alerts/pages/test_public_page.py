"""The public alert page as text: what it says, in which language, how small it is, and what it never holds."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest
from visitors import NOW

from alerts.pages import public_page
from alerts.pages.map import around
from alerts.pages.public_page import Reader, dialled
from alerts.pages.words import ago, choose
from alerts.reports import PublicAlert
from notifiers.catalogues import ALL
from notifiers.model import Text


@pytest.fixture
def write(gazetteer):
    def written(alert: PublicAlert, asked: str = "en") -> str:
        reader, here = Reader(asked, spoken=ALL), around(gazetteer)
        return public_page.write(alert, reader, now=NOW, base_url="https://lookout.example", around=here)

    return written


def test_the_page_with_style_and_map_is_at_most_12_kib_compressed(write, public):
    assert len(gzip.compress(write(public).encode(), 6)) <= 12 * 1024


def test_name_plate_and_telephone_stand_large_and_ready(write, public):
    html = write(public)
    assert '<h1 id="who">Robin Example</h1>' in html
    assert "<small>Colorado</small><b>EX4MPLE</b>" in html
    assert 'href="tel:+13035550100"' in html


def test_the_child_is_named_neither_in_title_nor_in_open_graph(write, public):
    head = write(public).partition("</head>")[0]
    assert "Robin" not in head
    assert 'property="og:title" content="Missing child alert: Denver"' in head


def test_what_is_known_is_told_once(write, public):
    html = write(public)
    assert html.count("yellow raincoat") == 1
    assert "Missing child: Robin Example" not in html


def test_an_officers_own_words_are_shown_as_they_are(write, public):
    own = replace(public, texts={"en": Text("Have you seen her?", "She speaks sign language.", "", "Denver")})
    html = write(own)
    assert "Have you seen her?" in html
    assert "She speaks sign language." in html


def test_an_exercise_cannot_be_mistaken_for_a_real_alert(write, public):
    assert "EXERCISE — not a real alert" in write(replace(public, status="Exercise"))
    assert "EXERCISE" not in write(public)


def test_spanish_readers_read_spanish(write, public):
    html = write(public, "es")
    assert '<html lang="es">' in html
    assert "Llame al +1 303 555 0100" in html.replace("\u00a0", " ")
    assert "Robin Example, niña." in html


def test_once_over_nothing_of_the_child_is_left(write, public):
    over = PublicAlert("t0ken", "Actual", True, "cancelled", public.agency, {}, NOW, NOW)
    html = write(over)
    assert "This alert is over" in html
    assert not re.search("Robin|EX4MPLE|raincoat|303 555", html)


def test_markup_in_an_alert_is_text_on_the_page(write, public):
    html = write(replace(public, area_name="<script>x</script>", texts={"en": Text("<b>", "<img src=x>", "<i>")}))
    assert "<script>x" not in html
    assert "<img src=x>" not in html


def test_the_policy_allows_the_inline_style_and_script_by_hash_only():
    policy = public_page.policy()
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_an_open_page_sees_every_change(public):
    over = replace(public, over=True)
    states = {public_page.state_of(one) for one in (public, replace(public, version=2), over)}
    assert len(states) == 3


@pytest.mark.parametrize(
    ("written", "link"), [("+1 (303) 555-0100", "+13035550100"), ("911", "911"), (None, None), ("ext 5", None)]
)
def test_a_number_is_dialled_without_its_decoration(written, link):
    assert dialled(written) == link


@pytest.mark.parametrize(
    ("asked", "accept", "chosen"),
    [
        ("es", "en", "es-US"),
        (None, "fr, es;q=0.9, en;q=0.5", "es-US"),
        (None, "*, nonsense;q=x", "en-US"),
        (None, None, "en-US"),
    ],
)
def test_the_language_is_the_readers_where_we_have_it(asked, accept, chosen):
    assert choose(["en-US", "es-US"], asked, accept) == chosen


def test_times_are_told_in_the_coarsest_honest_unit(public):
    assert ago(public.sent_at, NOW, "en", ALL) == "12 minutes ago"
    assert ago(NOW.replace(year=2025), NOW, "es", ALL) == "hace 365 días"
    assert ago(NOW.replace(year=2027), NOW, "en", ALL) == "just now"
