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
from alerts.pages.words import ago, base, choose, direction, name_of, offered, words
from alerts.reports import Described, PhotoRef, PublicAlert
from alerts.vocabulary import listed
from notifiers import attention
from notifiers.catalogues import ENGLISH, Spoken
from notifiers.model import Text

STYLE = ("base.css", "public.css")
SCRIPT = "public.js"
CARD = (1200, 630)  # pixels of the picture that a shared link shows
_SHORT = 24  # letters: "Menor desaparecido" and the like


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader asked for: the language in the address, the browser's Accept-Language; and `spoken`, the languages
    of which our own words are on.
    """

    asked: str | None = None
    accept: str | None = None
    spoken: Spoken = frozenset({ENGLISH})


@dataclass(frozen=True, slots=True)
class Card:
    """A block about one person: a heading and lines."""

    title: str
    lines: tuple[str, ...]


def state_of(alert: PublicAlert, *, unsure: bool = False) -> str:
    """What an open page compares to know that it is out of date: changes with every version and with the end, and when
    nobody can say any more (`unsure`).
    """
    if alert.over:
        return "over"
    return f"active-{alert.version}-{int(alert.sent_at.timestamp())}{'-unsure' if unsure else ''}"


def policy() -> str:
    """The page's Content-Security-Policy, which names its inline style and script by hash."""
    return render.policy(style=render.inline(*STYLE), script=render.inline(SCRIPT))


def write(
    alert: PublicAlert,
    reader: Reader,
    *,
    now: datetime,
    base_url: str,
    around: Surroundings | None = None,
    unsure: bool = False,
    mark: str = "",
) -> str:
    """The page of an alert, active or over, in the language that suits the reader best. `unsure`: it cannot be checked
    right now whether it is still active, and the page says so. `mark`: the token of the links to share that it has
    ready (`notifiers.share_tokens`).
    """
    if alert.over:
        return _over(alert, reader, base_url)
    values = _active(alert, reader, now, base_url) | {"unsure": unsure, "state": state_of(alert, unsure=unsure)}
    values |= _sharing(alert, words(str(values["language"]), reader.spoken)["kicker"], base_url, mark)
    return render.text(
        "public.html", values | {"map": _map(alert, words(str(values["language"]), reader.spoken), around)}
    )


def write_missing(reader: Reader) -> str:
    """The page of a token that is none."""
    language = choose(offered(reader.spoken), reader.asked, reader.accept)
    said = words(language, reader.spoken)
    return render.text(
        "public_missing.html",
        {"language": language, "w": said, "title": said["not_found"], "exercise": False, **_inline()},
    )


def _active(alert: PublicAlert, reader: Reader, now: datetime, base_url: str) -> dict[str, object]:
    language = choose(alert.texts, reader.asked, reader.accept)
    said, text = words(language, reader.spoken), alert.texts.get(language, Text("", ""))
    place = text.area_name or alert.area_name
    return {
        **_frame(alert, language, reader.spoken, base_url),
        **_person(alert, text, said),
        "title": f"{said['kicker']}: {place}" if place else said["kicker"],
        "text": text,
        "place": place,
        "alert": alert,
        "telephone_link": dialled(alert.contact_telephone),
        "sent_ago": ago(alert.sent_at, now, language, reader.spoken),
        "photos": photos_of(alert, said, f"/a/{alert.token}"),
        "languages": [(tag, name_of(tag)) for tag in alert.texts],
    }


def _sharing(alert: PublicAlert, title: str, base_url: str, mark: str) -> dict[str, object]:
    page = f"{base_url}/a/{alert.token}"
    links = share_links(title, attention.link(page, mark) if mark else page, f"{page}/card.jpg")
    return {"share_links": links, "mark": mark}


def embedded(alert: PublicAlert, base_url: str, reader: Reader, most: tuple[int, int] = CARD) -> dict[str, str | int]:
    """What oEmbed tells of it: type link; its picture where one of that size may be shown (at `most` wide and high)."""
    language = choose(over_in(alert, reader.spoken) if alert.over else alert.texts, reader.asked, None)
    said, text = words(language, reader.spoken), alert.texts.get(language)
    place = (text.area_name if text else "") or alert.area_name
    title = said["over"] if alert.over else ": ".join(filter(None, (said["kicker"], place)))
    card = f"{base_url}/a/{alert.token}/card.jpg"
    picture: dict[str, str | int] = {"thumbnail_url": card, "thumbnail_width": CARD[0], "thumbnail_height": CARD[1]}
    if most[0] < CARD[0] or most[1] < CARD[1]:
        picture = {}
    return {
        "version": "1.0", "type": "link", "title": title, "author_name": alert.agency, "provider_name": "Lookout",
        "provider_url": base_url, "cache_age": 300, **picture,
    }  # fmt: skip


def share_links(title: str, page_url: str, card_url: str) -> list[tuple[str, str]]:
    """Where the page's link may be passed on, by name or by the word for it: always the link, never a copy; the subject
    and the text say that a child is missing, never who. An e-mail has the link of the card too, which ends with the alert.
    """
    text, address = quote(f"{title}: {page_url}", safe=""), quote(page_url, safe="")
    written = quote(f"{title}:\r\n{page_url}\r\n\r\n{card_url}", safe="")  # lines end so (RFC 6068 section 5)
    return [
        ("WhatsApp", f"https://wa.me/?text={text}"),
        ("Messenger", f"fb-messenger://share/?link={address}"),
        ("Facebook", f"https://www.facebook.com/sharer/sharer.php?u={address}"),
        ("X", f"https://x.com/intent/post?text={text}"),
        ("Telegram", f"https://t.me/share/url?url={address}&text={quote(title, safe='')}"),
        ("text_message", f"sms:?&body={text}"),
        ("email", f"mailto:?subject={quote(title, safe='')}&body={written}"),
    ]


def _over(alert: PublicAlert, reader: Reader, base_url: str) -> str:
    language = choose(over_in(alert, reader.spoken), reader.asked, reader.accept)
    said = words(language, reader.spoken)
    values = {
        **_frame(alert, language, reader.spoken, base_url),
        "title": said["over"],
        "why": alert.over_why,
        "languages": [(tag, name_of(tag)) for tag in offered(reader.spoken)],
    }
    return render.text("public_over.html", values)


def locale_of(language: str) -> str:
    """A language as Open Graph names it (es_US); empty without a region, which it cannot do without."""
    tag, _, region = language.rpartition("-")
    return f"{base(tag)}_{region.upper()}" if tag and len(region) == 2 else ""


def over_in(alert: PublicAlert, spoken: Spoken) -> list[str]:
    """In which languages its page says that it is over: all of ours, those that it was told in first."""
    return list(dict.fromkeys([*filter(spoken.__contains__, map(base, alert.texts)), *offered(spoken)]))


def _inline() -> dict[str, Markup]:
    return {"style": render.inline(*STYLE), "script": render.inline(SCRIPT)}


def _frame(alert: PublicAlert, language: str, spoken: Spoken, base_url: str) -> dict[str, object]:
    return {
        "language": language,
        "w": words(language, spoken),
        "exercise": alert.status != "Actual",
        "page_url": f"{base_url}/a/{alert.token}",
        "page_path": f"/a/{alert.token}",
        "state": state_of(alert),
        "locale": locale_of(language),
        "rtl": direction(language) == "rtl",
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
        "ages": listed(ages, said["text_listed"]),
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
        part for child in children for part in re.split("[,،] ", child.age or "")
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
    known = listed(filter(None, (one.name, one.age)), said["text_listed"])
    return f"{said['suspect']}: {known}" if known else said["suspect"]


def photos_of(alert: PublicAlert, said: Mapping[str, str], at: str) -> list[dict[str, str | int]]:
    """Where each photo is (without extension), what it shows, its size."""
    return [_photo(alert, photo, said, at) for photo in alert.photos]


def _photo(alert: PublicAlert, photo: PhotoRef, said: Mapping[str, str], at: str) -> dict[str, str | int]:
    named = " · ".join(child.name for child in alert.children if child.name)
    shown = photo.description or (said["photo_of"].format(name=named) if named else said["photo_unknown"])
    where = f"{at}/photo/{photo.number}"
    return {"at": where, "alt": shown, "width": photo.width, "height": photo.height, "avif": photo.avif}


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


__all__ = ["Reader", "dialled", "policy", "state_of", "write", "write_missing"]
