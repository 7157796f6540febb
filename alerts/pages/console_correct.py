"""One thing of an alert in force set right, in one prepared step: every other word stays, and a second officer approves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Response

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.pages import console, corrections, form_page, kept_forms, meanwhile
from alerts.pages.console_form import Task, taken, task_of_alert
from alerts.pages.form_page import Filled
from alerts.pages.meanwhile import SeenText
from alerts.pages.posted import Posted
from alerts.reports import AlertView
from alerts.service import submit
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)


@router.post("/console/alerts/{alert_id}/correct")
@rule(SUBMITTER)
def correct(
    alert_id: str,
    services: Given,
    officer: SignedIn,
    what: Annotated[str, Form(max_length=80)] = "",
    text: Annotated[str, Form(max_length=2000)] = "",
    seen: SeenText = "",
) -> Response:
    """That field to be this text from now on. Where the wrong word stands elsewhere too, or the new one is at fault, the
    whole form is shown with the sentence beside the field, and nothing is asked for yet.
    """
    view = reading.get_alert(services, officer, alert_id)
    values = kept_forms.as_form(view.record or {}, services.gazetteer.name)
    known, wrong = {name for name, _ in corrections.offered(view, values)}, {}
    if what not in known:
        wrong["correct"] = ["Choose what is to be corrected."]
    elif text.split() == values[what].split():
        wrong["correct"] = ["It says so already."]
    if wrong and view.area is not None:
        return console.alert_page(services, officer, view, faults=wrong, typed={"what": what, "text": text})
    return _asked(services, officer, view, _corrected(services, officer, values, what, text) | {"seen": seen})


def _corrected(services: Services, officer: Officer, values: Mapping[str, str], what: str, text: str) -> dict[str, str]:
    fresh = form_page.fresh(services, officer)
    return {
        **values,
        **{name: fresh[name] for name in ("identifier", "sent_at")},
        what: text.strip(),
        "was": values.get(what, ""),
    }


def _asked(services: Services, officer: Officer, view: AlertView, values: dict[str, str]) -> Response:
    """As the update's form would send it, with its photos as they are."""
    alert_id, was = view.row.id, values.pop("was")
    task = task_of_alert(services, officer, form_page.updating(alert_id), alert_id)
    if faults := corrections.left(values, was):
        filled = Filled(values, task.photos, faults=faults, seen=values["seen"])
        return form_page.show(services, officer, task.purpose, filled)
    return _handed(services, officer, task, values)


def _handed(services: Services, officer: Officer, task: Task, values: Mapping[str, str]) -> Response:
    seen = meanwhile.read(values["seen"]).seen
    sent = Posted({**values, **{f"keep.{one.key}": "yes" for one in task.photos}})
    return taken(
        services, officer, sent, lambda read: submit.update(services, officer, task.purpose.changes, read, seen), task
    )
