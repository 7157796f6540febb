"""Templates in the console: listed, made anew or of an alert, changed, removed by one officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import RedirectResponse

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Changed, NotAllowed, NotFound, Refused
from alerts.model import Problem
from alerts.pages import area_form, area_page, drawing, form_page, frame, kept_forms, meanwhile, render
from alerts.pages.area_form import Faults
from alerts.pages.console_form import Sent
from alerts.pages.form_page import Difference
from alerts.pages.posted import Posted
from alerts.pages.record_form import AREA_WORDS, CONTACT, LANGUAGES, PROGRAMMES, TEXTS
from alerts.record import Record
from alerts.service import templates
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

AT = "/console/templates"
SeenText = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True, slots=True)
class Shown:
    """The form as it stands. `template_id` empty: a new one."""

    values: Mapping[str, str]
    template_id: str = ""
    seen: str = ""
    faults: Faults = field(default_factory=dict)
    stray: Sequence[str] = ()
    differs: Sequence[Difference] = ()


@router.get(AT)
@rule(SUBMITTER)
def show_list(services: Given, officer: SignedIn) -> Response:
    """The agency's templates, by name."""
    found = templates.list_own(services, officer)
    return render.page("templates.html", **frame.values(services, officer, "/console", "Templates", found=found))


@router.get(AT + "/new")
@rule(SUBMITTER)
def new(services: Given, officer: SignedIn, of: str = "") -> Response:
    """An empty one, or what an alert has that a template may hold."""
    return _form(services, officer, Shown(_of_alert(services, officer, of) if of else {"languages.en": "yes"}))


@router.post(AT)
@rule(SUBMITTER)
def create(services: Given, officer: SignedIn, sent: Sent) -> Response:
    """Kept, or shown again with every fault."""
    shown = Shown(sent.values, faults=_unread(services, sent))
    if shown.faults:
        return _form(services, officer, shown)
    try:
        templates.add(services, officer, _name(sent), sent.values)
    except (Refused, NotAllowed) as fault:
        return _form(services, officer, _refused(shown, fault))
    return RedirectResponse(AT, 303)


@router.get(AT + "/{template_id}")
@rule(SUBMITTER)
def edit(template_id: str, services: Given, officer: SignedIn) -> Response:
    """To be changed."""
    found = templates.get(services, officer, template_id)
    return _form(services, officer, Shown({"name": found.name, **found.values}, found.id, found.tag))


@router.post(AT + "/{template_id}")
@rule(SUBMITTER)
def change(template_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """Changed; where another officer was faster, both values and a second look."""
    seen = sent.values.get("seen", "")
    shown = Shown(sent.values, template_id, seen, _unread(services, sent))
    if shown.faults:
        return _form(services, officer, shown)
    try:
        templates.change(services, officer, template_id, _name(sent), sent.values, {seen})
    except Changed:
        return _form(services, officer, _too_late(services, officer, shown))
    except (Refused, NotAllowed) as fault:
        return _form(services, officer, _refused(shown, fault))
    return RedirectResponse(AT, 303)


@router.post(AT + "/{template_id}/remove")
@rule(SUBMITTER)
def remove(template_id: str, services: Given, officer: SignedIn, seen: SeenText = "") -> Response:
    """Alerts made from it stay as they are."""
    try:
        templates.remove(services, officer, template_id, {seen})
    except Changed:
        found = templates.get(services, officer, template_id)
        stray = [f"{found.changed_by} changed it meanwhile: look at it again before you remove it."]
        return _form(
            services, officer, Shown({"name": found.name, **found.values}, found.id, found.tag, stray=stray), 409
        )
    return RedirectResponse(AT, 303)


def _form(services: Services, officer: Officer, shown: Shown, status: int = 200) -> Response:
    values, wrong = shown.values, bool(shown.faults or shown.stray)
    preview = area_page.shown(services, officer, values, "Actual", quiet=wrong)
    title = "Change the template" if shown.template_id else "New template"
    page = {
        "values": values,
        "template_id": shown.template_id,
        "seen": shown.seen,
        "faults": shown.faults,
        "stray": shown.stray,
        "differs": shown.differs,
        "summary": [(name, message) for name, messages in shown.faults.items() for message in messages],
        "action": f"{AT}/{shown.template_id}" if shown.template_id else AT,
        "programmes": PROGRAMMES,
        "contact": CONTACT,
        "area_words": AREA_WORDS,
        "form_languages": LANGUAGES,
        "instructions": [f"{part.key}.instruction" for part in TEXTS],
        "area_fields": area_page.fields(values, shown.faults, bounds=drawing.bounds_of(officer), preview=preview),
    }
    told = status if status != 200 else 409 if shown.differs else 422 if wrong else 200
    return render.page("template_form.html", status=told, **frame.values(services, officer, "/console", title, **page))


def _of_alert(services: Services, officer: Officer, alert_id: str) -> dict[str, str]:
    """What of an alert a template may hold; texts that name somebody of it stay behind."""
    view = reading.get_alert(services, officer, alert_id)
    if view.record is None:
        raise NotFound("of this alert no template can be made: it came as a CAP message, or is over")
    values = kept_forms.as_form(view.record, services.gazetteer.name)
    return templates.without(templates.fields_of(values), templates.named(Record.model_validate(view.record)))


def _unread(services: Services, sent: Posted) -> Faults:
    """What of the area cannot be read; nothing entered is no fault."""
    return dict(area_form.read(sent.values, services.gazetteer).faults)


def _name(sent: Posted) -> str:
    return sent.values.get("name", "")


def _refused(shown: Shown, fault: Refused | NotAllowed) -> Shown:
    if isinstance(fault, NotAllowed):
        return Shown(shown.values, shown.template_id, shown.seen, stray=[meanwhile.sentence(fault)])
    faults: Faults = {}
    for problem in fault.problems:
        faults.setdefault(problem.path.removeprefix("/"), []).append(_sentence(problem))
    stray = faults.pop("", [])
    return Shown(shown.values, shown.template_id, shown.seen, faults, stray)


def _too_late(services: Services, officer: Officer, shown: Shown) -> Shown:
    found = templates.get(services, officer, shown.template_id)
    typed = {"name": shown.values.get("name", ""), **templates.fields_of(shown.values)}
    differs = form_page.differences(typed, {"name": found.name, **found.values})
    stray = [f"{found.changed_by} changed it meanwhile. Nothing of yours was kept yet."]
    return Shown(shown.values, found.id, found.tag, stray=stray, differs=differs)


def _sentence(problem: Problem) -> str:
    return problem.message[:1].upper() + problem.message[1:] + "."
