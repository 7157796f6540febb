import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.shorten import ELLIPSIS, breaks_at, shorten

WHOLE = ["e\u0301", "👩🏽", "👨‍👩‍👧‍👦", "🇺🇸", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "\r\n", "각", "क्षि", "☎️", "ก็"]


def utf8(text):
    return len(text.encode("utf-8", "replace"))


@pytest.mark.parametrize("grapheme", WHOLE)
def test_a_grapheme_is_never_cut(grapheme):
    text = f"a{grapheme}b"
    inside = range(2, 1 + len(grapheme))
    assert not any(breaks_at(text, index) for index in inside)
    assert breaks_at(text, 1)
    assert breaks_at(text, 1 + len(grapheme))


@pytest.mark.parametrize("grapheme", WHOLE)
@pytest.mark.parametrize("budget", range(3, 60, 4))
def test_shortened_text_ends_with_a_whole_grapheme(grapheme, budget):
    kept = shorten(grapheme * 40, budget, utf8).removesuffix(ELLIPSIS)
    assert kept == grapheme * (len(kept) // len(grapheme)) or kept == (grapheme * 40)[: len(kept)].rstrip()


def test_two_flags_side_by_side_are_two():
    assert [breaks_at("🇺🇸🇲🇽", index) for index in (1, 2, 3)] == [False, True, False]


def test_a_cut_falls_between_words_where_one_is_near():
    assert shorten("Last seen near the lake", 20, utf8) == "Last seen near…"


def test_what_fits_is_left_alone():
    assert shorten("short", 5, utf8) == "short"


def test_nothing_is_better_than_an_ellipsis_alone():
    assert shorten("long text", 3, utf8) == shorten("long text", 0, utf8) == ""


@given(st.text(), st.integers(0, 200))
def test_shortened_text_fits_and_begins_like_the_whole(text, budget):
    short = shorten(text, budget, utf8)
    assert utf8(short) <= budget
    assert text.startswith(short.removesuffix(ELLIPSIS))
