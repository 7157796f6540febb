"""The area of an alert in force, in the console: larger with a second officer, smaller alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response

from alerts import reading
from alerts.agencies import Officer
from alerts.api.access import OFFICER, SUBMITTER, GatedRoute, Given, SignedIn, rule
from alerts.errors import Changed, Conflict, NotAllowed, Refused
from alerts.pages import area_form, area_page, console, form_page, kept_forms, meanwhile
from alerts.pages.console_form import Sent, landed
from alerts.pages.posted import Posted
from alerts.service import copies, reducing, submit
from alerts.service.reducing import Less
from alerts.services import Services

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

Hand = Callable[[Mapping[str, Any], set[str]], Response]


@router.post("/console/alerts/{alert_id}/enlarge")
@rule(SUBMITTER)
def enlarge(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """The present area and what was entered beside it, for approval as one."""

    def hand(area: Mapping[str, Any], seen: set[str]) -> Response:
        present = area_page.present(reading.get_alert(services, officer, alert_id))
        return landed(submit.enlarge(services, officer, alert_id, area_form.joined(present, area), seen))

    return _taken(services, officer, alert_id, sent, hand, shrinking=False)


@router.post("/console/alerts/{alert_id}/shrink")
@rule(OFFICER)
def shrink(alert_id: str, services: Given, officer: SignedIn, sent: Sent) -> Response:
    """What of the entered area lies in the present one, at one officer's word, at once."""

    def hand(area: Mapping[str, Any], seen: set[str]) -> Response:
        return console.done(reducing.reduce(services, officer, alert_id, Less((), area), seen).id, "reduced")

    return _taken(services, officer, alert_id, sent, hand, shrinking=True)


_EMPTY = {False: "Enter what is to be added to the area.", True: "Enter the area that stays."}


def _taken(
    services: Services, officer: Officer, alert_id: str, sent: Posted, hand: Hand, *, shrinking: bool
) -> Response:
    """The area handed on; the page again, and what was typed kept, where it cannot be read, is refused, or comes too
    late.
    """
    entry, looked = area_form.read(sent.values, services.gazetteer), meanwhile.read(sent.values.get("seen", ""))
    faults = dict(entry.faults) or ({} if entry.area else {"places": [_EMPTY[shrinking]]})
    more: dict[str, Any] = {"faults": faults, "entered": sent.values, "shrinking": shrinking}
    if not faults:
        try:
            with copies.submitting(services, officer, kept_forms.form_of(sent.values)):
                return hand(entry.area, looked.seen)
        except Refused as refused:
            more["faults"], more["stray"] = form_page.sorted_faults(refused.problems, {})
        except (Changed, Conflict, NotAllowed) as fault:
            more["stray"] = [meanwhile.sentence(fault)]
            more["meanwhile"] = meanwhile.told(services, officer, alert_id, looked)
    kept_forms.keep_refused(services, officer, sent, alert_id)
    return console.alert_page(services, officer, reading.get_alert(services, officer, alert_id), **more)
