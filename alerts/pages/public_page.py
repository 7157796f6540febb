"""The public alert page as text: pure, from what anyone may see to HTML. Small, and whole without script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from markupsafe import Markup

from alerts.pages import render
from alerts.pages.map import Surroundings, draw
from alerts.pages.map.svg import Captions
from alerts.pages.words import DEFAULT, WORDS, ago, base, choose, name_of, words
from alerts.reports import Described, PhotoRef, PublicAlert
from notifiers.model import Text

STYLE = ("base.css", "public.css")
SCRIPT = "public.js"
_SHORT = 24  # letters: "Menor desaparecido" and the like


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader asked for: the language in the address, the browser's Accept-Language."""

    asked: str | None = None
    accept: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A block about one person: a heading and lines."""

    title: str
    lines: tuple[str, ...]


def state_of(alert: PublicAlert) -> str:
    """What an open page compares to know that it is out of date: changes with every version and with the end."""
    return "over" if alert.over else f"active-{alert.version}-{int(alert.sent_at.timestamp())}"


def policy() -> str:
    """The page's Content-Security-Policy, which names its inline style and script by hash."""
    return render.policy(style=render.inline(*STYLE), script=render.inline(SCRIPT))


def write(
    alert: PublicAlert, reader: Reader, *, now: datetime, base_url: str, around: Surroundings | None = None
) -> str:
    """The page of an alert, active or over, in the language that suits the reader best."""
    return _over(alert, reader, base_url) if alert.over else _active(alert, reader, now, base_url, around)


def write_missing(reader: Reader) -> str:
    """The page of a token that is none."""
    language = choose(WORDS, reader.asked, reader.accept)
    said = words(language)
    return render.text(
        "public_missing.html",
        {"language": language, "w": said, "title": said["not_found"], "exercise": False, **_inline()},
    )


def _active(alert: PublicAlert, reader: Reader, now: datetime, base_url: str, around: Surroundings | None) -> str:
    language = choose(alert.texts, reader.asked, reader.accept)
    said, text = words(language), alert.texts.get(language, Text("", ""))
    place = text.area_name or alert.area_name
    values = {
        **_frame(alert, language, base_url),
        **_person(alert, text, said),
        "title": f"{said['kicker']}: {place}" if place else said["kicker"],
        "text": text,
        "place": place,
        "alert": alert,
        "telephone_link": dialled(alert.contact_telephone),
        "sent_ago": ago(alert.sent_at, now, language),
        "photos": photos_of(alert, said, f"/a/{alert.token}"),
        "map": _map(alert, said, around),
        "languages": [(tag, name_of(tag)) for tag in alert.texts],
        "share_text": quote(f"{said['kicker']}: {base_url}/a/{alert.token}"),
        "share_subject": quote(said["kicker"]),
    }
    return render.text("public.html", values)


def _over(alert: PublicAlert, reader: Reader, base_url: str) -> str:
    language = choose(WORDS, reader.asked, reader.accept)
    said = words(language)
    values = {
        **_frame(alert, language, base_url),
        "title": said["over"],
        "why": alert.over_why,
        "languages": [(tag, name_of(tag)) for tag in WORDS],
    }
    return render.text("public_over.html", values)


def _inline() -> dict[str, Markup]:
    return {"style": render.inline(*STYLE), "script": render.inline(SCRIPT)}


def _frame(alert: PublicAlert, language: str, base_url: str) -> dict[str, object]:
    return {
        "language": language,
        "w": words(language),
        "exercise": alert.status != "Actual",
        "page_url": f"{base_url}/a/{alert.token}",
        "state": state_of(alert),
        **_inline(),
    }


def _person(alert: PublicAlert, text: Text, said: Mapping[str, str]) -> dict[str, object]:
    """Who is missing, in the largest letters, and what is known of everyone, told once: as short lines where the text
    says no more than they do, else as the text.
    """
    named = [child.name for child in alert.children if child.name]
    ages = [_age(child, alone=len(alert.children) == 1) for child in alert.children if child.age]
    lined = in_lines(alert, text)
    return {
        "names": " · ".join(named),
        "ages": ", ".join(ages),
        "lead": "" if named and _only_names(text.headline, alert.children) else text.headline,
        "body": "" if lined else text.body,
        "people": _cards(alert, said) if lined else [],
        "circumstances": alert.circumstances if lined else (),
    }


def in_lines(alert: PublicAlert, text: Text) -> bool:
    """Whether the text in this language holds every line we have, so that the lines may stand for it."""
    people = (*alert.children, *alert.suspects)
    lines = [*(line for one in people for line in one.lines), *alert.circumstances]
    return bool(lines) and all(line.rstrip(".") in text.body for line in lines)


def _only_names(headline: str, children: tuple[Described, ...]) -> bool:
    """Whether a headline says nothing beside the names and ages that stand above it."""
    if not all(child.name in headline for child in children if child.name):
        return False
    told = [child.name or "" for child in children] + [
        part for child in children for part in (child.age or "").split(", ")
    ]
    for part in filter(None, told):
        headline = headline.replace(part, "")
    return len(headline.strip(" :,;.")) <= _SHORT


def _cards(alert: PublicAlert, said: Mapping[str, str]) -> list[Card]:
    children = [Card(child.name or said["missing"], child.lines) for child in alert.children if child.lines]
    return children + [Card(_suspect(one, said), one.lines) for one in alert.suspects if one.lines or one.name]


def _age(child: Described, *, alone: bool) -> str:
    return child.age or "" if alone or not child.name else f"{child.name}: {child.age}"


def _suspect(one: Described, said: Mapping[str, str]) -> str:
    known = ", ".join(part for part in (one.name, one.age) if part)
    return f"{said['suspect']}: {known}" if known else said["suspect"]


def photos_of(alert: PublicAlert, said: Mapping[str, str], at: str) -> list[dict[str, str | int]]:
    """Where each photo is (without extension), what it shows, its size."""
    return [_photo(alert, photo, said, at) for photo in alert.photos]


def _photo(alert: PublicAlert, photo: PhotoRef, said: Mapping[str, str], at: str) -> dict[str, str | int]:
    named = " · ".join(child.name for child in alert.children if child.name)
    shown = photo.description or (said["photo_of"].format(name=named) if named else said["photo_unknown"])
    return {"at": f"{at}/photo/{photo.number}", "alt": shown, "width": photo.width, "height": photo.height}


def _map(alert: PublicAlert, said: Mapping[str, str], around: Surroundings | None) -> Markup | None:
    if alert.area is None or alert.area.is_empty:
        return None
    captions = Captions(said["map_of"], said["last_seen"], miles="en" in map(base, alert.texts))
    drawn = draw(alert.area, around, captions=captions, last_seen=alert.last_seen)
    return Markup(drawn)  # noqa: S704 drawn by us, names in it escaped there


def dialled(telephone: str | None) -> str | None:
    """A telephone number as a tel: link wants it (RFC 3966): digits, and a plus at the front."""
    if not telephone:
        return None
    digits = re.sub(r"[^\d+*#]", "", telephone.split("ext")[0])
    return (("+" if digits.startswith("+") else "") + digits.replace("+", "")) or None


__all__ = ["DEFAULT", "Reader", "dialled", "policy", "state_of", "write", "write_missing"]
