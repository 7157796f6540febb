"""What operators do: watch deliveries, pause, resume and recall them, throttle and wake receivers, send again what was
refused. Nothing of a child is needed for it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from alerts import audit
from alerts.agencies import Officer
from alerts.errors import Conflict, NotFound
from alerts.reports import DeliveryView
from alerts.service import end
from alerts.service.reach import count
from alerts.services import Services
from alerts.tallying import list_deliveries
from notifiers import ledger, notices, origins
from notifiers.ledger import DeadLetters
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


def recall(services: Services, operator: Officer, notice_id: int) -> None:
    """End the whole alert that this notice is of. NotFound; Conflict when it is over."""
    with reading(services.engine) as connection:
        found = _get(connection, notice_id)
    if found.incident_id < 1:
        raise NotFound("no such notice")
    end.recall(services, operator, found.incident_id)


def providers(services: Services) -> list[Row[Any]]:
    """All receivers that anything was ever planned for (`notifiers.origins.listed`)."""
    with reading(services.engine) as connection:
        return origins.listed(connection)


def throttle(services: Services, operator: Officer, name: str, rate_per_s: float | None) -> None:
    """All workers together send at most so many a second to this receiver; None: our own default again. NotFound."""
    with writing(services.engine) as connection:
        channel = _channel_of(connection, name)
        origins.set_rate(connection, name, channel, rate_per_s, None)
        what: audit.Detail = {"channel": channel, "rate_per_s": None if rate_per_s is None else str(rate_per_s)}
        audit.write(connection, audit.by_officer(operator.id), "throttle", services.clock(), detail=what)


def wake(services: Services, operator: Officer, name: str) -> None:
    """The fault is mended: it rests no longer. NotFound."""
    with writing(services.engine) as connection:
        channel = _channel_of(connection, name)
        origins.wake(connection, name)
        what: audit.Detail = {"channel": channel}
        audit.write(connection, audit.by_officer(operator.id), "wake", services.clock(), detail=what)


def _channel_of(connection: Connection, name: str) -> str:
    found = next((row.channel for row in origins.listed(connection) if row.name == name), None)
    if found is None:
        raise NotFound("nothing was ever sent to this receiver")
    return str(found)


def dead_letters(
    services: Services, notice_id: int, *, reason: str = "", channel: str = "", origin: str = ""
) -> tuple[NoticeStatus, list[DeadLetters]]:
    """The notice, and what of it ended as refused, given up, gone or in doubt; filtered as asked. NotFound."""
    with reading(services.engine) as connection:
        found = _get(connection, notice_id)
        return found, ledger.dead_letters(connection, notice_id, reason=reason, channel=channel, origin=origin)


def requeue(
    services: Services, operator: Officer, notice_id: int, reason: str, *, channel: str | None, origin: str | None
) -> int:
    """What was refused or given up for this reason waits to be sent again; how many. NotFound; Conflict when over.

    Asked a second time it finds nothing, and nothing is logged.
    """
    with writing(services.engine) as connection:
        found = _get(connection, notice_id)
        count = ledger.requeue(connection, notice_id, reason, channel=channel, origin=origin)
        if count is None:
            raise Conflict("this notice is over: nothing of it leaves any more")
        if count:
            what: audit.Detail = {"count": count, "reason": reason, "channel": channel, "origin": origin}
            _log(connection, services, operator, "requeue", found, **what)
    return count


def _reach_now(services: Services, connection: Connection, found: NoticeStatus) -> int:
    try:
        area = notices.get(connection, services.vault, found.id).area
    except KeyGone:
        raise Conflict("this notice is over: nothing of it leaves any more") from None
    return count(services, connection, area, found.audience).recipients if area else found.reach


def _get(connection: Connection, notice_id: int) -> NoticeStatus:
    try:
        return notices.get_status(connection, notice_id)
    except (UnknownNotice, OverflowError):
        raise NotFound("no such notice") from None


def _log(
    connection: Connection,
    services: Services,
    operator: Officer,
    action: str,
    found: NoticeStatus,
    **more: int | str | None,
) -> None:
    audit.write(
        connection,
        audit.by_officer(operator.id),
        action,
        services.clock(),
        incident_id=found.incident_id,
        detail={"notice_id": found.id, **more},
    )
