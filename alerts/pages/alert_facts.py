"""What the page of an alert shows beside what it says: its reach now, its map, its way, and the steps that are ready."""

from __future__ import annotations

from markupsafe import Markup

from alerts import reading, reasons
from alerts.agencies import Officer
from alerts.pages import (
    alert_view,
    area_page,
    corrections,
    delivery,
    kept_forms,
)
from alerts.reports import AlertView
from alerts.service import reach as reaching
from alerts.service import steps
from alerts.services import Services
from notifiers.eligibility import Reach
from notifiers.transactions import reading as reading_from


def less(services: Services, officer: Officer, view: AlertView) -> list[steps.Step]:
    """What may be said less, of the alert in force."""
    offered = steps.prepared(services, officer, view.row.id) if "reduce" in view.actions else []
    return [step for step in offered if step.action != "cancel"]


def correctable(services: Services, view: AlertView) -> list[tuple[str, str]]:
    """What can be set right by itself."""
    return corrections.offered(view, kept_forms.as_form(view.record or {}, services.gazetteer.name))


def needs_reason(services: Services, officer: Officer, view: AlertView, reach: Reach | None) -> bool:
    """Whether so many are reached that an approval must say why."""
    named = (view.record or {}).get("programme") or (officer.agency.programme if officer.agency else "")
    limit = reasons.limit_of(services.settings.reason_above, named)
    return reach is not None and limit is not None and reach.recipients > limit


def panels(services: Services, officer: Officer, alert_id: str) -> list[delivery.Panel]:
    """How each of its notices is on its way."""
    return [delivery.panel(found) for found in reading.deliveries(services, officer, alert_id)]


def reach(services: Services, officer: Officer, view: AlertView) -> Reach | None:
    """Whom it would reach now, where that is still to be decided."""
    if view.area is None or view.row.state not in alert_view.WAITING:
        return None
    audience = reaching.audience_of(view.row.status, (view.record or {}).get("programme") or "", officer)
    with reading_from(services.engine) as connection:
        return reaching.count(services, connection, view.area, audience)


def area_map(services: Services, view: AlertView) -> Markup | None:
    """Its area as it is matched; None once it is gone."""
    last_seen = view.public.last_seen if view.public else None
    return area_page.map_of(services, view.area, last_seen) if view.area else None
