"""The poster, read by another's reader: its words in order, in every script, what it is made of, and that it ends."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from visitors import NOW, picture

from alerts.pages import poster
from alerts.reports import Described
from alerts.texts import over_texts
from notifiers.catalogues import ALL, NAMES
from notifiers.model import Text

PAGE = "https://alerts.example/a/t0ken"
ROBIN = {
    "es": ("Robin Ejemplo", "7 años, niña", "Lleva: un impermeable amarillo"),
    "ar": ("روبن مثال", "سبع سنوات، فتاة", "الملابس: معطف مطر أصفر"),
    "hi": ("रॉबिन उदाहरण", "7 वर्ष, लड़की", "पहनावा: पीला रेनकोट, क्षत्रिय विद्यार्थी"),
}
needs_poppler = pytest.mark.skipif(
    shutil.which("pdfinfo") is None and not os.environ.get("CI"), reason="no poppler on this machine"
)


def drawn(alert, *, photo=True, size="a4", language=None):
    return poster.draw(alert, picture() if photo else None, poster.Asked(size, language, PAGE, NOW, ALL))


def told(pdf, tmp_path, *options):
    path = tmp_path / "poster.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfinfo", *options, path], capture_output=True, text=True, check=True).stdout


@needs_poppler
def test_a_poster_is_one_tagged_page_whose_parts_are_read_in_order(public, tmp_path):
    pdf = drawn(public)
    whole, parts = told(pdf, tmp_path), told(pdf, tmp_path, "-struct-text")
    assert "Tagged:          yes" in whole
    assert "Pages:           1\n" in whole
    order = ["H1", "Missing child alert", "Figure", "H2", "Robin Example", "EX4MPLE", "Call +1 303 555 0100", PAGE]
    places = [parts.index(one) for one in order]
    assert places == sorted(places)


@needs_poppler
@pytest.mark.parametrize(("size", "paper"), [("a4", "(A4)"), ("letter", "(letter)")])
def test_it_is_printed_on_either_paper(public, tmp_path, size, paper):
    assert paper in told(drawn(public, size=size), tmp_path)


@needs_poppler
@pytest.mark.parametrize("language", ROBIN)
def test_it_is_right_in_other_scripts(public, tmp_path, language):
    name, age, line = ROBIN[language]
    alert = replace(public, texts={language: Text("", "")}, children=(Described(name, age, (line,)),))
    path = tmp_path / "poster.pdf"
    path.write_bytes(drawn(alert, language=language))
    read = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    letters = re.sub("[\u202a-\u202e\u2066-\u2069]", "", read)
    for words in (name, age, line):  # poppler turns what is written from right to left around
        assert (words[::-1] if language == "ar" else words) in letters


@needs_poppler
def test_lines_that_mix_scripts_lose_no_letter_whatever_the_line_before_began_with(public, tmp_path):
    lines = ("الشعر: بني قصير", "الملابس: معطف مطر أصفر (مقاس 7)", "Toyota تويوتا 12", "حديقة Example Park")
    alert = replace(public, texts={"ar": Text("", "")}, children=(Described("روبن", "سبع سنوات", lines),))
    path = tmp_path / "poster.pdf"
    path.write_bytes(drawn(alert, language="ar"))
    read = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True)
    assert "No font" not in read.stderr
    assert all(sorted(set(line) - set(read.stdout)) == [] for line in lines)
    assert all(word in read.stdout for word in ("7", "Toyota", "12", "Example Park"))


def test_every_letter_of_our_own_words_is_in_the_fonts_that_ship(public):
    from fontTools.ttLib import TTFont

    from alerts.pages.poster_fonts import faces
    from alerts.pages.words import words

    letters = {letter for tag in NAMES for word in words(tag, ALL).values() for letter in word if letter != "\n"}
    for style in ("", "B"):
        held = set().union(*(TTFont(path).getBestCmap() for _, one, path in faces() if one == style))
        assert {letter for letter in letters if ord(letter) not in held} == set()


@needs_poppler
def test_the_code_leads_to_the_page_and_its_title_names_no_child(public, tmp_path):
    whole = told(drawn(public), tmp_path)
    assert "Title:           Missing child alert" in whole
    assert "Robin" not in whole


@needs_poppler
def test_once_over_it_says_so_and_nothing_of_the_child(public, tmp_path):
    over = replace(public, over=True, over_why="cancelled", texts=over_texts(["en"]))
    parts = told(drawn(over, photo=False), tmp_path, "-struct-text")
    assert "This alert is over" in parts
    assert "take down every poster" in parts
    assert not any(word in parts for word in ("Robin", "EX4MPLE", "303 555"))


@needs_poppler
def test_too_much_to_say_stays_one_page(public, tmp_path):
    many = tuple(Described("Robin Example the Longest-Named", "7 years old", ("word " * 60,) * 9) for _ in range(4))
    assert "Pages:           1\n" in told(drawn(replace(public, children=many)), tmp_path)
