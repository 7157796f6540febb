"""The form for a new alert, a change or an update: what was entered, shown again with every fault beside its field."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Response
from markupsafe import Markup

from alerts.agencies import Officer, Use
from alerts.model import Problem, Severity
from alerts.pages import area_form, area_page, drawing, frame, phone, record_entry, render
from alerts.pages.area_form import Faults
from alerts.pages.meanwhile import Told
from alerts.pages.record_form import (
    ABDUCTION,
    AREA_WORDS,
    ATTESTATION,
    CASE,
    CHILDREN,
    CONTACT,
    LANGUAGES,
    LISTS,
    SUSPECTS,
    TEXTS,
    VEHICLES,
    ZONES,
    full_name,
    label_of,
    place_in_form,
    whole_label,
)
from alerts.service.copies import is_said
from alerts.services import Services
from alerts.templates import Template

FORM = {
    "case": CASE,
    "children": CHILDREN,
    "abduction": ABDUCTION,
    "vehicles": VEHICLES,
    "suspects": SUSPECTS,
    "contact": CONTACT,
    "attestation": ATTESTATION,
    "texts": TEXTS,
    "area_words": AREA_WORDS,
}
MAX_HELD = 6_000_000  # bytes of a photo that is carried along while faults are mended


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the form is for: where it goes and what it says."""

    action: str
    heading: str
    lead: str
    submit: str
    after: str
    drafts: bool = False
    changes: str = ""  # the alert that is updated or edited


@dataclass(frozen=True, slots=True)
class Held:
    """A photo that need not be chosen again: one the alert has already (`photo_id`), or one just uploaded."""

    key: str
    src: str
    photo_id: int | None = None
    data: str = field(default="", repr=False)
    stays: bool = True  # whether its box is ticked


@dataclass(frozen=True, slots=True)
class Offer:
    """A form that was left and can be gone on with: when it was kept, of what, and the ways on and out of it."""

    at: datetime
    what: str
    go_on: str
    discard: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which the alert says another thing now than what was typed."""

    label: str
    now: str
    typed: str


@dataclass(frozen=True, slots=True)
class Stale:
    """That the form came too late: what happened since, and where it differs from the alert as it stands."""

    told: Sequence[Told] = ()
    differs: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it stands: its values, how many items each list shows, the photos kept, the faults."""

    values: Mapping[str, str]
    held: Sequence[Held] = ()
    faults: Faults = field(default_factory=dict)
    stray: Sequence[str] = ()
    more: str = ""  # the list to which an empty item is added
    seen: str = ""  # the state that the page shows, as the form carries it
    stale: Stale | None = None
    kept: Sequence[Offer] = ()  # forms of before that can be gone on with
    templates: Sequence[Template] = ()  # what a new alert may begin with
    since: datetime | None = None  # when what is shown was kept by itself


NEW = Purpose(
    "/console/new",
    "New alert",
    "Give what is known; leave out what is not. Nothing is sent before a second officer approves it.",
    "Submit for approval",
    "A second officer of your agency must approve it. Nobody approves what they wrote.",
    drafts=True,
)


def editing(alert_id: str) -> Purpose:
    """The form that changes what is not approved yet."""
    return Purpose(
        f"/console/alerts/{alert_id}/edit",
        "Edit the alert",
        "Whoever edits becomes one of its authors and cannot approve it.",
        "Submit for approval",
        "It goes back to a second officer for approval.",
        changes=alert_id,
    )


def updating(alert_id: str) -> Purpose:
    """The form for a new version of an alert in force."""
    return Purpose(
        f"/console/alerts/{alert_id}/update",
        "Update the alert",
        "Change what people are told. They get the new version once, after a second officer approves it.",
        "Submit the update for approval",
        "Until it is approved, the present version stays in force.",
        changes=alert_id,
    )


def fresh(services: Services, officer: Officer) -> dict[str, str]:
    """An empty form, for an exercise where nothing else may be made. Its identifier makes pressing the button twice harmless."""
    sent_at = services.clock().replace(microsecond=0).isoformat()
    status = "Exercise" if services.settings.sandbox or officer.use is Use.DRILL else "Actual"
    return {"status": status, "languages.en": "yes", "identifier": secrets.token_hex(12), "sent_at": sent_at}


def show(services: Services, officer: Officer, purpose: Purpose, filled: Filled) -> Response:
    """The page; 422 where there are faults."""
    values, faults = filled.values, filled.faults
    stale = filled.stale
    wrong = bool(faults or filled.stray or stale)
    here = "/console/new" if purpose.drafts else "/console"
    preview = _preview(services, officer, purpose, values, quiet=wrong)
    shown: dict[str, Any] = {
        "form": FORM,
        "counts": {part.key: _count(filled, part.key) for part in LISTS},
        "values": values,
        "faults": faults,
        "stray": filled.stray,
        "summary": [(name, message) for name, messages in faults.items() for message in messages],
        "summary_heading": "This came too late"
        if stale
        else _heading(sum(map(len, faults.values())) + len(filled.stray)),
        "held": filled.held,
        "zones": ZONES,
        "form_languages": LANGUAGES,
        "full_name": full_name,
        "max_photo_mb": services.settings.max_photo_bytes // 1_048_576,
        "area_fields": area_page.fields(values, faults, bounds=drawing.bounds_of(officer), preview=preview),
    }
    said = {"heading": purpose.heading, "lead": purpose.lead, "action": purpose.action, "after": purpose.after}
    said |= {"submit_words": purpose.submit, "changes": purpose.changes}
    shown |= {"templates": filled.templates, "kept": filled.kept, "since": filled.since, "back": purpose.action}
    shown["screens"] = phone.of_form(values)
    shown |= {"seen": filled.seen, "meanwhile": stale.told if stale else (), "differs": stale.differs if stale else ()}
    page = frame.values(services, officer, here, purpose.heading, drafts=purpose.drafts, **said, **shown)
    return render.page("console_form.html", status=409 if stale else 422 if wrong else 200, **page)


def _preview(
    services: Services, officer: Officer, purpose: Purpose, values: Mapping[str, str], *, quiet: bool
) -> Markup:
    status = values.get("status", "Exercise")
    return area_page.shown(services, officer, values, status, changes=purpose.changes, quiet=quiet)


def sorted_faults(problems: Sequence[Problem], known: Faults) -> tuple[Faults, list[str]]:
    """Every error beside its field, after those already known; the rest as sentences on top."""
    faults = {name: list(messages) for name, messages in known.items()}
    stray = []
    for problem in problems:
        if problem.severity is not Severity.ERROR:
            continue
        name = place_in_form(problem.path)
        said = _said(name, problem.message)
        if name is None:
            stray.append(said)
        elif said not in faults.setdefault(name, []):
            faults[name].append(said)
    return faults, stray


def from_record(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """A record as the form's values, places by name."""
    return record_entry.write(record) | area_form.write(record.get("area") or {}, names)


def differences(typed: Mapping[str, str], now: Mapping[str, str]) -> list[Difference]:
    """Every field of the form that would be set to another value than the alert has now, in the form's order."""
    fields = [name for name in {**now, **typed} if is_said(name)]
    return [
        Difference(label_of(name), now.get(name, "").strip() or "nothing", typed.get(name, "").strip() or "nothing")
        for name in fields
        if now.get(name, "").split() != typed.get(name, "").split()  # a browser ends lines in its own way
    ]


def carried(upload: bytes, key: str) -> Held | None:
    """An upload to be carried along in the page; None if it is too large for that."""
    if len(upload) > MAX_HELD:
        return None
    data = base64.b64encode(upload).decode()
    return Held(key, f"data:{_kind(upload)};base64,{data}", data=data)


def _kind(content: bytes) -> str:
    """For the thumbnail only: what a photo is, is decided where it is taken in."""
    return "image/png" if content[:4] == b"\x89PNG" else "image/webp" if content[8:12] == b"WEBP" else "image/jpeg"


def _count(filled: Filled, key: str) -> int:
    part = next(part for part in LISTS if part.key == key)
    return min(part.most, record_entry.count(filled.values, part) + (filled.more == key))


def _said(name: str | None, message: str) -> str:
    """A missing value is named as its field is; of an area nobody who fills a form knows the parts."""
    if name and message.endswith("is missing"):
        return f"{whole_label(name)}: this is missing."
    return "Give the search area in any of the ways below." if message.endswith(_NO_AREA) else _sentence(message)


_NO_AREA = "must have at least one part: same, geojson or circles"


def _heading(count: int) -> str:
    return "One thing to mend" if count == 1 else f"{count} things to mend"


def _sentence(message: str) -> str:
    said = message[:1].upper() + message[1:]
    return said if said.endswith((".", "?", "!")) else said + "."
