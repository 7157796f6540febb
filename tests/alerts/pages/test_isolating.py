"""Numbers and values inside Arabic lines keep their order, and nothing but that is added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from alerts.pages.isolating import numbers, valued


def test_a_telephone_number_is_set_apart_and_what_is_around_it_is_not():
    for bare in ("اتصل +1 303 555-0117.", "اتصل \u200e+1 303 555-0117."):
        assert numbers(bare) == 'اتصل <bdi dir="ltr">+1\u00a0303\u00a0555\u20110117</bdi>.'
    assert numbers("سبع 7 سنوات") == "سبع 7 سنوات"


def test_the_value_of_a_line_has_a_direction_of_its_own():
    assert valued("الطول: 1.22 m (4 ft 0 in)") == "الطول: <bdi>1.22 m (4 ft 0 in)</bdi>"
    assert valued("bare <b>") == "bare &lt;b&gt;"


@given(st.text(alphabet="اب <>&:+-0123456789().", max_size=60))
def test_nothing_but_marks_is_added_and_everything_is_escaped(text):
    for done in (numbers(text), valued(text)):
        plain = done.replace("\u00a0", " ").replace("\u2011", "-")
        for mark in ('<bdi dir="ltr">', "<bdi>", "</bdi>"):
            plain = plain.replace(mark, "")
        assert plain == escape(text)
