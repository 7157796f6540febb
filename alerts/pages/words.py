"""The public pages' own words, by language. An alert's texts are shown as its authors gave them, never translated here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from babel.dates import format_skeleton

from notifiers import catalogues
from notifiers.catalogues import ENGLISH, NAMES, Spoken, catalogue, nearest


def words(language: str, spoken: Spoken) -> Mapping[str, str]:
    """Our words by key in `language` (BCP 47) or its base language, where that catalogue is on; else in English."""
    return catalogue(nearest(language, spoken)).said


def offered(spoken: Spoken) -> list[str]:
    """The languages that our own words can be read in, in the order of menus."""
    return [tag for tag in NAMES if tag in spoken]


def direction(language: str) -> str:
    """How a page in this language is written: ltr, rtl."""
    return catalogues.direction(language)


def base(language: str) -> str:
    """The language without script and region: "es-US" -> "es"."""
    return language.split("-", 1)[0].lower()


def name_of(language: str) -> str:
    """The language's name in itself; its tag where we do not know it."""
    return NAMES.get(base(language), language)


def choose(offered: Iterable[str], asked: str | None, accept: str | None) -> str:
    """Of the offered languages the one asked for, else the reader's best (RFC 9110 section 12.5.4), else the first."""
    tags = list(offered) or [ENGLISH]
    for wish in [asked or "", *_wishes(accept or "")]:
        for tag in tags:
            if wish and base(tag) == base(wish):
                return tag
    return tags[0]


def _wishes(accept: str) -> list[str]:
    """The tags of an Accept-Language field, the most wanted first; nonsense is passed over."""
    weighed = []
    for part in accept[:400].split(","):
        tag, _, rest = part.strip().partition(";")
        try:
            weight = float(rest.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag and tag != "*" and weight > 0:
            weighed.append((-weight, tag))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def ago(at: datetime, now: datetime, language: str, spoken: Spoken) -> str:
    """How long ago, in the coarsest honest unit; a clock that runs ahead of ours says "just now"."""
    said = catalogue(nearest(language, spoken))
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return said.said["just_now"]
    if minutes < 100:
        return said.counted("minutes", minutes)
    if minutes < 48 * 60:
        return said.counted("hours", minutes // 60)
    return said.counted("days", minutes // (24 * 60))


def moment(at: datetime, language: str = ENGLISH) -> str:
    """A time for readers without script, which turns it into the reader's own: "22 Nov 2026, 17:20 UTC"."""
    tag = base(language)
    if tag == ENGLISH or tag not in NAMES:
        return f"{at.day} {at:%b %Y, %H:%M} UTC"
    comma = "،" if tag == "ar" else ","
    return f"{format_skeleton('yMMMMd', at, locale=tag)}{comma} {at:%H:%M} UTC"
