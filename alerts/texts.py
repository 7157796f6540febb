"""What people read, by language: made from the record in plain words, or taken from the CAP message as it came.

An officer's own words for a language replace the made ones. Nothing is made up: a missing vehicle produces no
sentence about a vehicle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from alerts.describing import age, circumstances, person_line, sentences, sex, vehicle_line
from alerts.model import Alert, Info
from alerts.record import Child, Record, Texts
from alerts.vocabulary import words
from notifiers.model import Text

HEADLINE_LENGTH = 160  # CAP 1.2 section 3.2.2, headline: what SMS can carry


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


def from_record(record: Record, language: str) -> Text:
    """The record in the plain words of one language."""
    own = _own(record.texts, language)
    return Text(
        headline=own.headline or headline(record, language),
        body=own.description or description(record, language),
        instruction=own.instruction or instruction(record, language),
        area_name=record.area.description or "",
    )


def headline(record: Record, language: str) -> str:
    """Missing child: Robin Example, 7 years old. Shortened to names, then to the number of children, until it fits."""
    said, on = words(language), record.abduction.at.date()
    kind = said["missing"] if len(record.children) == 1 else said["missing_many"]
    named = [child.name for child in record.children if child.name]
    tries = ("; ".join(_who(child, on, language) for child in record.children), "; ".join(named))
    lines = [f"{kind}: {who}" if who.strip("; ") else kind for who in tries]
    return next((line for line in lines if len(line) <= HEADLINE_LENGTH), kind)


def description(record: Record, language: str) -> str:
    """Who is missing, where and when last seen, who took them, in what: one line each, only what is known."""
    said, on = words(language), record.abduction.at.date()
    children = [person_line(child, on, language) for child in record.children]
    suspects = [person_line(suspect, on, language) for suspect in record.suspects]
    vehicles = [vehicle_line(vehicle, language=language) for vehicle in record.vehicles]
    lines = [*children, sentences(circumstances(record, language))]
    lines += [f"{said['suspect']}: {line}" for line in suspects if line]
    lines += [sentences([f"{said['vehicle']}: {line}"]) for line in vehicles if line]
    return "\n".join(line for line in lines if line)


def instruction(record: Record, language: str) -> str:
    """Whom to call about what there is to see."""
    said = words(language)
    shown = [("seen_child", True), ("seen_suspect", bool(record.suspects)), ("seen_vehicle", bool(record.vehicles))]
    seen = f" {said['or']} ".join(said[name] for name, there in shown if there)
    call = said["call"].format(seen=seen, name=record.contact.name, telephone=record.contact.telephone)
    return f"{said['keep_away']} {call}" if record.suspects else call


def _who(child: Child, on: date, language: str) -> str:
    return ", ".join(p for p in (child.name or sex(child, on, language), age(child, on, language)) if p)


def _own(given: Mapping[str, Texts], language: str) -> Texts:
    """The officer's words for exactly this language, else for its first part (en serves en-US)."""
    return given.get(language) or given.get(language.partition("-")[0]) or Texts()


def _from_info(info: Info) -> Text:
    return Text(
        headline=_flowing(info.headline or info.event),
        body=_flowing(info.description or ""),
        instruction=_flowing(info.instruction or ""),
        area_name="; ".join(dict.fromkeys(_flowing(area.description) for area in info.areas if area.description)),
    )


def _flowing(text: str) -> str:
    """Lines broken and indented to look well in XML are one line again; a break before unindented text is kept."""
    return re.sub(r"[ \t]*\r?\n[ \t]+", " ", text).strip()
