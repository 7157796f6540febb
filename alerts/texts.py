"""What people read, by language: made from the record in plain words, or taken from the CAP message as it came.

An officer's own words for a language replace the made ones. Nothing is made up: a missing vehicle produces no
sentence about a vehicle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from alerts.describing import age, circumstances, labelled, person_line, sentences, sex, vehicle_line
from alerts.model import Alert, Info
from alerts.record import Child, Record
from alerts.record_texts import SIZES, Texts, marked
from alerts.short_texts import short_texts
from alerts.vocabulary import Words, listed, words
from alerts.wireless import LONG, SHORT, septets, to_gsm7
from notifiers.model import Text

UNNAMED = "as drawn"  # what an area is called that nobody named
HEADLINE_LENGTH = 160  # CAP 1.2 section 3.2.2, headline: what SMS can carry
SHORT_NAMES: Mapping[str, str] = {  # the parameters of a CAP info that hold the short texts; the first two are IPAWS's
    "wireless_90": "CMAMtext",
    "wireless_360": "CMAMlongtext",
    "push_title": "urn:lookout:push:title",
    "push_body": "urn:lookout:push:body",
}


def texts(alert: Alert) -> dict[str, Text]:
    """What people read of this alert, by language, the default first. The infos hold the words."""
    found: dict[str, Text] = {}
    for info in alert.infos:
        found.setdefault(info.language, _from_info(info))
    return found


def over_texts(languages: Iterable[str], why: str = "cancelled") -> dict[str, Text]:
    """That it is over (`why`: cancelled or expired), by language: nothing of the child, so that it may outlive the
    incident's key.
    """
    body = "expired_body" if why == "expired" else "over_body"
    return {
        language: Text(words(language)["over_headline"], words(language)[body])
        for language in (tuple(languages) or ("en",))
    }


def outside_texts(said: Mapping[str, Text]) -> dict[str, Text]:
    """What those are told whom an update no longer covers, in its languages: that first, then which alert it is about.

    Whom to call stays: whoever saw something there before may still say so.
    """
    return {language: _outside(text, words(language)) for language, text in said.items()}


def from_record(record: Record, language: str) -> Text:
    """The record in the plain words of one language: the officer's where there are any, else the made ones."""
    own, said = _own(record.texts, language), made(record, language)
    for name in said:
        if text := getattr(own, name):
            said[name] = marked(text, language, record.status) if name in SIZES else text
    return Text(
        headline=said.pop("headline"),
        body=said.pop("description"),
        instruction=said.pop("instruction"),
        area_name=record.area.description or "",
        **said,
    )


def made(record: Record, language: str) -> dict[str, str]:
    """What the record says by itself, by the names of `alerts.record_texts.Texts`."""
    short = short_texts(record, language)
    return {
        "headline": headline(record, language),
        "description": description(record, language),
        "instruction": instruction(record, language),
    } | {name: getattr(short, name) for name in SHORT_NAMES}


def parameters(text: Text) -> tuple[tuple[str, str], ...]:
    """The short texts as CAP parameters of their info."""
    return tuple((name, said) for member, name in SHORT_NAMES.items() if (said := getattr(text, member)))


def headline(record: Record, language: str) -> str:
    """Missing child: Robin Example, 7 years old. Shortened to names, then to the number of children, until it fits."""
    said, on = words(language), record.abduction.at.date()
    kind = said["missing"] if len(record.children) == 1 else said["missing_many"]
    named = [child.name for child in record.children if child.name]
    known = [who for child in record.children if (who := _who(child, on, language))]
    tries = ("; ".join(known), "; ".join(named))
    lines = [said["labelled"].format(label=kind, value=who) if who else kind for who in tries]
    return next((line for line in lines if len(line) <= HEADLINE_LENGTH), kind)


def description(record: Record, language: str) -> str:
    """Who is missing, where and when last seen, who took them, in what: one line each, only what is known."""
    said, on = words(language), record.abduction.at.date()
    children = [person_line(child, on, language) for child in record.children]
    suspects = [person_line(suspect, on, language) for suspect in record.suspects]
    vehicles = [vehicle_line(vehicle, language=language) for vehicle in record.vehicles]
    lines = [*children, sentences(circumstances(record, language))]
    lines += [labelled(said, "suspect", line) for line in suspects if line]
    lines += [sentences([labelled(said, "vehicle", line)]) for line in vehicles if line]
    return "\n".join(line for line in lines if line)


def instruction(record: Record, language: str) -> str:
    """Whom to call about what there is to see."""
    said = words(language)
    shown = [("seen_child", True), ("seen_suspect", bool(record.suspects)), ("seen_vehicle", bool(record.vehicles))]
    seen = f" {said['or']} ".join(said[name] for name, there in shown if there)
    call = said["call"].format(seen=seen, name=record.contact.name, telephone=record.contact.telephone)
    return f"{said['keep_away']} {call}" if record.suspects else call


def _outside(text: Text, said: Words) -> Text:
    body = said["outside_body"].format(headline=text.headline)
    # The short texts are the alert's own words: without them channels cut these.
    return Text(headline=said["outside_headline"], body=body, instruction=text.instruction, area_name=text.area_name)


def _who(child: Child, on: date, language: str) -> str:
    known = (child.name or sex(child, on, language), age(child, on, language))
    return listed(filter(None, known), words(language)["listed"])


def _own(given: Mapping[str, Texts], language: str) -> Texts:
    """The officer's words for exactly this language, else for its first part (en serves en-US)."""
    return given.get(language) or given.get(language.partition("-")[0]) or Texts()


def _from_info(info: Info) -> Text:
    given = dict(info.parameters)
    return Text(
        headline=_flowing(info.headline or info.event),
        body=_flowing(info.description or ""),
        instruction=_flowing(info.instruction or ""),
        area_name=_places(info),
        wireless_90=_short(given.get("CMAMtext"), SHORT),
        wireless_360=_short(given.get("CMAMlongtext"), LONG),
        push_title=given.get(SHORT_NAMES["push_title"], ""),
        push_body=given.get(SHORT_NAMES["push_body"], ""),
    )


def _places(info: Info) -> str:
    """What its areas are called; CAP wants a word for each, but UNNAMED tells nobody anything."""
    named = (area.description for area in info.areas if area.description and area.description != UNNAMED)
    return "; ".join(dict.fromkeys(map(_flowing, named)))


def _short(text: str | None, most: int) -> str:
    """A wireless text within its limit; an import's that is none is not used."""
    written = to_gsm7(_flowing(text or "")) or ""
    return written if septets(written) <= most else ""


def _flowing(text: str) -> str:
    """Lines broken and indented to look well in XML are one line again; a break before unindented text is kept."""
    return re.sub(r"[ \t]*\r?\n[ \t]+", " ", text).strip()
