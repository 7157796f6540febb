"""The catalogues of our own words: whole in English, true to it elsewhere, said in English where a sentence is old."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from notifiers import catalogues
from notifiers.catalogues import ALL, ENGLISH, NAMES, catalogue, nearest, reviewed, source

ROOT = Path(catalogues.__file__).parents[2]
OTHERS = [tag for tag in NAMES if tag != ENGLISH]


def messages(path: Path):
    with path.open("rb") as file:
        return [one for one in read_po(file, abort_invalid=True) if one.id]


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def forms(message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.mark.parametrize("tag", OTHERS)
def test_every_translation_is_of_a_sentence_of_today_and_keeps_its_placeholders(tag):
    for one in messages(catalogues.HERE / f"{tag}.po"):
        english = source()[one.context]
        assert one.id == english[0] or tuple(one.id) == english
        allowed = names(english[1])
        for said in forms(one):
            assert said.strip() == said
            assert said
            assert names(said) <= allowed
            assert len(forms(one)) > 1 or names(said) == allowed


@pytest.mark.parametrize("tag", OTHERS)
def test_a_counted_sentence_has_every_form_of_its_language(tag):
    with (catalogues.HERE / f"{tag}.po").open("rb") as file:
        read = read_po(file, abort_invalid=True)
    assert {len(forms(one)) for one in read if one.id and one.pluralizable} == {read.num_plurals}


def test_no_key_is_there_twice_or_used_nowhere():
    keys = [one.context for one in messages(catalogues.HERE / "words.pot")]
    assert len(keys) == len(set(keys))
    files = [path for part in ("alerts", "notifiers") for path in (ROOT / part).rglob("*") if path.suffix in {".py", ".html"}]  # fmt: skip
    used = set(re.findall(r"[a-z][a-z0-9_]+", " ".join(path.read_text() for path in files)))
    made = re.compile(
        r"(what|rem|mail|post|letter|mark|over|why|when|saw|sub|left|report|outcome|part|error|sms|start|text)_.+"
    )  # put together from parts
    assert [key for key in keys if key not in used and not made.fullmatch(key)] == []


def test_what_templates_say_is_in_the_catalogue():
    templates = (ROOT / "alerts" / "pages" / "templates").glob("*.html")
    said = {key for path in templates for key in re.findall(r"\bw\.([a-z_]+)", path.read_text())}
    assert said - set(source()) - {"get"} == set()


def test_who_reads_another_language_is_spoken_to_in_english():
    assert nearest("pt-BR", ALL) == "pt"
    assert nearest("tr", ALL) == nearest("de", frozenset({"en"})) == "en"


@pytest.mark.parametrize(("n", "said"), [(1, "قبل يوم واحد"), (2, "قبل يومين"), (7, "قبل 7 أيام"), (11, "قبل 11 يومًا"), (100, "قبل 100 يوم")])  # fmt: skip
def test_arabic_counts_in_six_ways(n, said):
    assert catalogue("ar").counted("days", n) == said


def test_a_sentence_whose_english_changed_is_said_in_english(monkeypatch):
    monkeypatch.setattr(catalogues, "source", lambda: {"active": ("Running now", "Running now")})
    assert catalogue.__wrapped__("de").said["active"] == "Running now"


@pytest.mark.parametrize(("head", "by"), [("# Reviewed by: nobody yet", ""), ("# A\n# Reviewed by: Ana Ruiz, 2026-11-01", "Ana Ruiz, 2026-11-01"), ("", "")])  # fmt: skip
def test_a_native_reader_signs_in_the_head(head, by):
    assert catalogues._reviewer(head) == by


def test_words_that_nobody_reviewed_say_so_and_english_does_not():
    assert [tag for tag in NAMES if bool(catalogue(tag).said["unreviewed"]) == reviewed(tag)] == []
    assert reviewed(ENGLISH)
