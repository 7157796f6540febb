from dataclasses import replace

import pytest

from notifiers.channels.wording import language_for, one_line, text_for
from notifiers.model import Text


@pytest.mark.parametrize(
    ("wanted", "given"),
    [("en-US", "en-US"), ("en", "en-US"), ("EN-gb", "en-US"), ("es-MX", "es"), ("de", "en-US"), ("", "en-US")],
)
def test_a_person_reads_the_nearest_language_there_is(notice, wanted, given):
    assert language_for(notice, wanted) == given


@pytest.mark.parametrize(
    ("status", "language", "mark"),
    [
        ("Exercise", "en", "EXERCISE: "),
        ("Exercise", "es", "SIMULACRO: "),
        ("Test", "en", "TEST: "),
        ("System", "es", "PRUEBA DEL SISTEMA: "),
        ("Actual", "en", ""),
    ],
)
def test_what_is_not_real_says_so_first(notice, status, language, mark):
    tag, text = text_for(replace(notice, status=status), language)
    assert text.headline == mark + notice.texts[tag].headline


def test_a_headline_that_says_so_already_is_not_marked_twice(notice):
    marked = replace(notice, texts={"en": Text("Exercise - missing child", "")})
    assert text_for(marked, "en")[1].headline == "Exercise - missing child"


def test_a_headline_is_one_line():
    assert one_line("Missing\r\nBcc: all@example.com\x00\u2028child") == "Missing Bcc: all@example.com child"
