import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels.gsm import BASIC, EXTENSION, TYPOGRAPHIC, Alphabet, alphabet_of, fit, measure, plain, split

LINK = "https://alerts.example/a/0123456789abcdef0123456789abcdef"
gsm = st.text(st.sampled_from(sorted(BASIC | EXTENSION)), max_size=500)
anything = st.one_of(gsm, st.text(max_size=300))


def septets(text):
    """Written another way than the code: two for what stands in the extension table."""
    return len(text) + sum(text.count(one) for one in EXTENSION)


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),  # 76 escapes in a segment of 153: one place stays empty
        ("a" * 152 + "€" + "b" * 10, 164, 2),
        ("a" * 152 + "€" + "b" * 151, 305, 2),
        ("a" * 152 + "€" + "b" * 152, 306, 3),  # 306 places would be two, were an escape split
    ],
)
def test_the_7_bit_alphabet_is_counted_exactly(text, units, segments):
    size = measure(text)
    assert (size.alphabet, size.units, size.segments) == (Alphabet.GSM7, units, segments)


@pytest.mark.parametrize(
    ("text", "units", "segments"),
    [
        ("ж" * 70, 70, 1),
        ("ж" * 71, 71, 2),
        ("ж" * 134, 134, 2),
        ("ж" * 135, 135, 3),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("ж" * 66 + "😀" + "ж" * 66, 134, 3),  # the pair is not split
        ("ç", 1, 1),  # Ç is in the alphabet, ç is not
    ],
)
def test_one_other_character_makes_it_ucs_2(text, units, segments):
    size = measure(text)
    assert (size.alphabet, size.units, size.segments) == (Alphabet.UCS2, units, segments)


def test_the_alphabet_has_127_characters_and_10_of_the_extension():
    assert (len(BASIC), len(EXTENSION), len(BASIC & EXTENSION)) == (127, 10, 0)  # with the escape: 128


@given(anything)
def test_segments_are_the_text_and_each_holds_what_a_segment_can(text):
    parts = split(text)
    assert "".join(parts) == text
    assert len(parts) == measure(text).segments
    for part in parts:
        units = (
            septets(part) if alphabet_of(text) is Alphabet.GSM7 else len(part.encode("utf-16-le", "surrogatepass")) // 2
        )
        assert units <= (alphabet_of(text).single if len(parts) == 1 else alphabet_of(text).joined)


@given(anything)
def test_no_segment_could_take_the_next_one_s_first_character(text):
    def width(one):
        return (
            septets(one) if alphabet_of(text) is Alphabet.GSM7 else len(one.encode("utf-16-le", "surrogatepass")) // 2
        )

    for before, after in zip(split(text), split(text)[1:], strict=False):
        assert width(before + after[0]) > alphabet_of(text).joined


@given(st.text(max_size=300))
def test_only_typography_is_written_otherwise(text):
    kept = "".join(one for one in text if ord(one) not in TYPOGRAPHIC)
    assert plain(kept) == unicodedata.normalize("NFC", kept)


def test_typographic_quotes_do_not_cost_a_message_its_alphabet():
    assert plain("“Robin’s coat” – blue…\N{NO-BREAK SPACE}e\N{COMBINING ACUTE ACCENT}") == '"Robin\'s coat" - blue... é'
    assert alphabet_of(plain("Missing – 7 years…")) is Alphabet.GSM7


@given(st.text(max_size=800), st.integers(1, 4))
def test_a_message_never_takes_more_segments_and_always_ends_with_the_link(text, most):
    said = fit(text, LINK, most)
    assert measure(said).segments <= most
    assert said.endswith(LINK)


def test_what_fits_is_not_shortened():
    assert fit("Missing child: Robin Example, 7", LINK, 2) == f"Missing child: Robin Example, 7\n{LINK}"


def test_a_link_longer_than_the_message_is_an_error():
    with pytest.raises(ValueError, match="link"):
        fit("x", "https://x.example/" + "a" * 160, 1)
