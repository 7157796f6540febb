"""Templates of an agency: named beginnings of alerts, never anything of a child. One officer changes them; the log says who.

What is approved is the alert, word for word, so a template takes no second person. Which fields one may hold is a
list of what may; and a text in which the name of a child, a suspect or a plate of an open alert stands is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from sqlalchemy import Connection

from alerts import audit, store, templates
from alerts.agencies import Officer, Use
from alerts.errors import Changed, NotAllowed, NotFound, Refused
from alerts.model import Problem
from alerts.record import Record
from alerts.service.chain import Seen
from alerts.service.drafting import agency_of
from alerts.service.sealed import unseal
from alerts.services import Services
from alerts.tables import incident
from alerts.templates import Template
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone

MOST = 50  # of an agency
LONGEST_NAME = 80
LONGEST = 20_000  # characters of a field: a drawn area is the longest
_MAY_HOLD = re.compile(
    r"programme|contact\.(name|telephone)|area\.description|places|around|latitude|longitude|radius|radius_unit|coordinates"
    r"|languages\.[a-z]{2}|texts\.[a-z]{2}\.instruction"
)
_WORD = re.compile(r"\w{3,}")

Values = Mapping[str, str]


def fields_of(values: Values) -> dict[str, str]:
    """What of a form's values a template may hold, without what is empty."""
    return {name: text.strip() for name, text in values.items() if _MAY_HOLD.fullmatch(name) and text.strip()}


def list_own(services: Services, officer: Officer) -> list[Template]:
    """Those of the officer's agency, by name; an officer of none has none."""
    if officer.agency is None:
        return []
    with reading(services.engine) as connection:
        return templates.list_of(connection, officer.agency.id)


def get(services: Services, officer: Officer, template_id: str) -> Template:
    """NotFound, also for another agency's."""
    with reading(services.engine) as connection:
        return _get(connection, officer, template_id)


def add(services: Services, officer: Officer, name: str, values: Values) -> str:
    """Its id. Refused with every fault, NotAllowed in a drill."""
    agency, kept, now = agency_of(officer), fields_of(values), services.clock()
    named_now = _names_of_open(services, officer)
    with writing(services.engine) as connection:
        _check(connection, officer, name.strip(), kept, named_now)
        made = templates.add(connection, agency.id, name.strip(), kept, officer.id, now)
        _log(connection, services, officer, "template_add", made, kept)
    return made


def change(
    services: Services, officer: Officer, template_id: str, name: str, values: Values, seen: Seen = None
) -> None:
    """Its name and fields from now on; alerts made from it stay as they are. NotFound, Changed, Refused, NotAllowed."""
    kept, named_now = fields_of(values), _names_of_open(services, officer)
    with writing(services.engine) as connection:
        _must_match(_get(connection, officer, template_id), seen)
        _check(connection, officer, name.strip(), kept, named_now, template_id)
        templates.change(connection, template_id, name.strip(), kept, officer.id, services.clock())
        _log(connection, services, officer, "template_change", template_id, kept)


def remove(services: Services, officer: Officer, template_id: str, seen: Seen = None) -> None:
    """NotFound, Changed, NotAllowed."""
    _must_be_live(officer)
    with writing(services.engine) as connection:
        _must_match(_get(connection, officer, template_id), seen)
        templates.remove(connection, template_id)
        _log(connection, services, officer, "template_remove", template_id, {})


def named(record: Record) -> set[str]:
    """The words of a case that no template may hold: names and plates. Pure."""
    people = [person.name or "" for person in (*record.children, *record.suspects)]
    plates = [vehicle.plate or "" for vehicle in record.vehicles]
    return {word.casefold() for text in (*people, *plates) for word in _WORD.findall(text)}


def without(values: Values, words: set[str]) -> dict[str, str]:
    """Without the texts in which any of these words stands. Pure."""
    return {name: text for name, text in values.items() if not (_is_text(name) and _words(text) & words)}


def _check(  # what is checked, and against what
    connection: Connection, officer: Officer, name: str, kept: Values, words: set[str], own: str | None = None
) -> None:
    _must_be_live(officer)
    known = templates.list_of(connection, agency_of(officer).id)
    faults = list(_faults(name, kept, [one for one in known if one.id != own]))
    held = [field for field, text in {"name": name, **kept}.items() if _is_text(field) and _words(text) & words]
    said = "this names somebody of an alert that is open: a template outlives the alert"
    faults += [Problem.error("template.names", f"/{field}", said) for field in held]
    if faults:
        raise Refused(faults)


def _faults(name: str, kept: Values, others: list[Template]) -> Iterator[Problem]:
    if not 1 <= len(name) <= LONGEST_NAME:
        yield Problem.error("template.name", "/name", f"give it a name of at most {LONGEST_NAME} characters")
    if name.casefold() in {one.name.casefold() for one in others}:
        yield Problem.error("template.taken", "/name", "there is a template of this name already")
    if not kept:
        yield Problem.error("template.empty", "/contact.name", "a template holds at least one field")
    for field in (field for field, text in kept.items() if len(text) > LONGEST):
        yield Problem.error("template.long", f"/{field}", f"at most {LONGEST} characters")
    if len(others) >= MOST:
        yield Problem.error("template.many", "", f"an agency has at most {MOST} templates")


def _names_of_open(services: Services, officer: Officer) -> set[str]:
    """Of every alert of the agency that has not ended; read before anybody else is kept waiting."""
    with reading(services.engine) as connection:
        rows = store.list_incidents(connection, agency_of(officer).id, 500, incident.c.ended_at.is_(None))
        newest = store.list_newest(connection, [row.id for row in rows])
    found: set[str] = set()
    for row in rows:
        with suppress(KeyGone):
            if row.id in newest and (record := unseal(services.vault, row.key_name, newest[row.id]).alert.record):
                found |= named(record)
    return found


def _is_text(field: str) -> bool:
    """Whether people write in it what they like; the others hold places, numbers and choices."""
    return field in {"name", "area.description", "contact.name", "around"} or field.startswith("texts.")


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _get(connection: Connection, officer: Officer, template_id: str) -> Template:
    found = templates.find(connection, agency_of(officer).id, template_id)
    if found is None:
        raise NotFound("no such template of your agency")
    return found


def _must_match(found: Template, seen: Seen) -> None:
    if seen is not None and found.tag not in seen:
        raise Changed(found.tag)


def _must_be_live(officer: Officer) -> None:
    if officer.use is not Use.LIVE:
        raise NotAllowed("a template is for real alerts too: it is changed outside of drills and without a test key")


def _log(  # the parts of an entry
    connection: Connection, services: Services, officer: Officer, act: str, template_id: str, kept: Values
) -> None:
    digest = hashlib.sha256(json.dumps(dict(kept), sort_keys=True).encode()).hexdigest()
    detail: audit.Detail = {"template": template_id, "digest": digest}
    audit.write(connection, audit.by_officer(officer.id), act, services.clock(), detail=detail)
