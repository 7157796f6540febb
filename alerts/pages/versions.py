"""Every version of an alert: who, when, approved by whom, to how many; and what changed from each to the next."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from markupsafe import Markup

from alerts import versions
from alerts.agencies import Officer
from alerts.api.access import OFFICER, GatedRoute, Given, SignedIn, rule
from alerts.pages import alert_view, differences, frame, render
from alerts.pages.map import around, draw
from alerts.pages.map.svg import Captions
from alerts.services import Services
from alerts.versions import Moved, Version

router = APIRouter(include_in_schema=False, route_class=GatedRoute)

_COMPARED = 12  # the newest; of older ones times and numbers: a page is drawn in a moment


@router.get("/console/alerts/{alert_id}/versions")
@rule(OFFICER)
def show(alert_id: str, services: Given, officer: SignedIn) -> Response:
    """The newest first, each beside what was let go before it."""
    status, found = versions.list_versions(services, officer, alert_id)
    rows = [_row(services, found, one) for one in found[-_COMPARED:]]
    rows = [_bare(one) for one in found[:-_COMPARED]] + rows
    shown = {
        "at": f"/console/alerts/{alert_id}",
        "versions": rows[::-1],
        "over": all(one.said is None for one in found),
        "exercise": status != "Actual",
    }
    return render.page("versions.html", **frame.values(services, officer, "", "Versions", **shown))


def against(services: Services, officer: Officer, alert_id: str) -> dict[str, Any] | None:
    """Before an approval: what it changes of what is in force; None where there is nothing to compare with."""
    _, found = versions.list_versions(services, officer, alert_id)
    one = next(one for one in found if one.id == alert_id)
    return _row(services, found, one) if versions.base_of(found, one.number) else None


def _bare(one: Version) -> dict[str, Any]:
    words, style = alert_view.STATES.get(one.state, (one.state, ""))
    return {
        "one": one,
        "title": f"{alert_view.KINDS.get(one.kind, one.kind)}, version {one.version}, message {one.number}",
        "words": words,
        "style": style,
        "people": alert_view.people(one.reach),
        "base": None,
        "fields": (),
        "area": None,
    }


def _row(services: Services, found: tuple[Version, ...], one: Version) -> dict[str, Any]:
    base = versions.base_of(found, one.number)
    if base is None or one.said is None:
        return _bare(one) | {"base": base and base.number}
    before, after = base.said and base.said.area, one.said.area
    area = versions.moved(services, one.audience, before, after) if before and after and one.audience else None
    fields = differences.compare(base, one)
    return _bare(one) | {"base": base.number, "fields": fields, "area": area and _area(services, area)}


def _area(services: Services, area: Moved) -> dict[str, Any]:
    captions = Captions("Map of the area before (dashed) and after (filled)")
    drawn = draw(area.after, around(services.gazetteer), captions=captions, before=area.before)
    return {
        "map": Markup(drawn),  # noqa: S704 drawn by us, names in it escaped there
        "newly": alert_view.people(area.newly),
        "no_longer": alert_view.people(area.no_longer),
    }
