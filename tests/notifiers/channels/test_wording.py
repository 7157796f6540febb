import json
from dataclasses import replace

import pytest

from notifiers.channels import phone_message, sms, web_push
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


def test_the_short_texts_stand_alone_and_are_marked_once(notice):
    said = Text("Missing child", "", push_title="A red car", wireless_360="EXERCISE: look out", push_body="body")
    _, text = text_for(replace(notice, status="Exercise", texts={"en": said}), "en")
    assert (text.push_title, text.wireless_360) == ("EXERCISE: A red car", "EXERCISE: look out")
    assert (text.wireless_90, text.push_body) == ("", "body")


def test_the_channels_use_the_short_texts_that_were_approved(notice):
    said = Text("Headline", "Body", "Do this", push_title="Title", push_body="Short", wireless_360="Look out.")
    short = replace(notice, status="Actual", texts={"en": said})
    assert json.loads(web_push.payload(short, "en"))["title"] == "Title"
    assert json.loads(web_push.payload(short, "en"))["body"] == "Short"
    told = phone_message.message(short, "en")
    assert (told.title, told.body) == ("Title", "Short")
    assert sms.words(short, "en") == f"Look out.\n{short.page_url}"
