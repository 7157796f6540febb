"""What operators do: watch deliveries, pause and resume them. Nothing of a child is needed for it."""

from __future__ import annotations

from sqlalchemy import Connection

from alerts import audit
from alerts.agencies import Officer
from alerts.errors import Conflict, NotFound
from alerts.reports import DeliveryView
from alerts.service.reach import count
from alerts.services import Services
from alerts.tallying import list_deliveries
from notifiers import notices
from notifiers.notices import NoticeStatus, UnknownNotice
from notifiers.transactions import reading, writing
from notifiers.vault import KeyGone


def operations(services: Services, *, limit: int = 20) -> list[DeliveryView]:
    """The newest notices and how they stand."""
    with reading(services.engine) as connection:
        return list_deliveries(connection, limit=limit)


def pause(services: Services, operator: Officer, notice_id: int) -> None:
    """Nothing of it leaves until it is resumed. NotFound."""
    with writing(services.engine) as connection:
        found = _get(connection, notice_id)
        notices.pause(connection, notice_id)
        _log(connection, services, operator, "pause", found)


def resume(services: Services, operator: Officer, notice_id: int) -> None:
    """Go on. One that was held because of its reach is let go for the reach of now. NotFound; Conflict when over."""
    with writing(services.engine) as connection:
        found = _get(connection, notice_id)
        if found.over:
            raise Conflict("this notice is over: nothing of it leaves any more")
        notices.resume(connection, notice_id)
        if found.state == "held":
            notices.release(connection, notice_id, reach=_reach_now(services, connection, found))
        _log(connection, services, operator, "resume", found)
    services.fan_out(notice_id)


def _reach_now(services: Services, connection: Connection, found: NoticeStatus) -> int:
    try:
        area = notices.get(connection, services.vault, found.id).area
    except KeyGone:
        raise Conflict("this notice is over: nothing of it leaves any more") from None
    return count(services, connection, area, found.status).recipients if area else found.reach


def _get(connection: Connection, notice_id: int) -> NoticeStatus:
    try:
        return notices.get_status(connection, notice_id)
    except (UnknownNotice, OverflowError):
        raise NotFound("no such notice") from None


def _log(connection: Connection, services: Services, operator: Officer, action: str, found: NoticeStatus) -> None:
    audit.write(
        connection,
        audit.by_officer(operator.id),
        action,
        services.clock(),
        incident_id=found.incident_id,
        detail={"notice_id": found.id},
    )
