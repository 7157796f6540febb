import pytest

from alerts.languages import known_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("ES", "es"),
        ("pt-br", "pt-BR"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("haw", "haw"),
        ("es-419", "es-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("en-x-Plain", "en-x-plain"),
    ],
)
def test_a_tag_is_taken_in_its_usual_case(written, tag):
    assert known_language(written) == tag


@pytest.mark.parametrize("tag", ["", "e", "english", "e$", "en_US", "en-", "-en", "x-private", "en-a", "es-MX-x"])
def test_what_has_not_the_form_of_a_tag_is_none(tag):
    with pytest.raises(ValueError, match="not a BCP 47 tag"):
        known_language(tag)


@pytest.mark.parametrize("tag", ["xx", "xx-US", "qq"])
def test_a_language_that_nobody_speaks_is_none(tag):
    with pytest.raises(ValueError, match="not a language of ISO 639"):
        known_language(tag)


@pytest.mark.parametrize(("tag", "short"), [("spa", "es"), ("ENG-US", "en"), ("ger", "de"), ("deu", "de")])
def test_a_long_code_names_the_short_one(tag, short):
    with pytest.raises(ValueError, match=f"is {short}$"):
        known_language(tag)
