"""A recipient's in-app inbox, opened for its owner: what lives says what it says, what has ended only that it is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from alerts.reports import InboxItem
from alerts.services import Services
from alerts.texts import over_texts
from notifiers import attention
from notifiers.catalogues import ALL, nearest
from notifiers.channels.wording import language_for
from notifiers.freezing import thaw
from notifiers.model import Kind, Text
from notifiers.tables import inbox, notice, subscription
from notifiers.transactions import reading
from notifiers.vault import KeyGone


def newest(services: Services) -> int:
    """The number of the newest item of all inboxes."""
    with reading(services.engine) as connection:
        return connection.scalar(select(func.max(inbox.c.id))) or 0


def whose(services: Services, after: int, limit: int) -> tuple[int, frozenset[int]]:
    """The number of the newest of the next `limit` items after `after`, and the recipients in whose inboxes they lie.

    Numbers are in the order of the commits (the channel sees to it), so nothing comes behind what was looked at.
    """
    query = select(inbox.c.id, inbox.c.recipient_id).where(inbox.c.id > after).order_by(inbox.c.id).limit(limit)
    with reading(services.engine) as connection:
        rows = connection.execute(query).all()
    return (rows[-1].id if rows else after), frozenset(row.recipient_id for row in rows)


def read(services: Services, recipient_id: int, *, after: int = 0, limit: int = 50) -> list[InboxItem]:
    """The recipient's items after number `after`, oldest first."""
    query = (
        select(
            inbox.c.id,
            inbox.c.arrived_at,
            inbox.c.outside,
            subscription.c.language,
            *(notice.c[name] for name in ("incident", "kind", "version", "number", "status", "expires_at", "over")),
            notice.c.sealed,
            notice.c.key_name,
        )
        .select_from(inbox.join(notice).outerjoin(subscription, subscription.c.id == inbox.c.subscription_id))
        .where(inbox.c.recipient_id == recipient_id, inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    with reading(services.engine) as connection:
        rows = connection.execute(query).all()
    return [_item(services, row) for row in rows]


def _item(services: Services, row: Any) -> InboxItem:
    text, url = _said(services, row)
    return InboxItem(
        id=row.id,
        token=row.incident,
        kind=row.kind,
        version=row.version,
        number=row.number,
        status=row.status,
        arrived_at=row.arrived_at,
        expires_at=row.expires_at,
        over=row.kind == Kind.CANCEL or text is None,
        text=text or _over(row.language, row.over),
        url=url,
    )


def _said(services: Services, row: Any) -> tuple[Text | None, str]:
    """The text in the subscription's language and the link; no text once the incident has ended."""
    url = attention.link(f"{services.settings.base_url}/a/{row.incident}", "inbox")
    if row.kind != Kind.CANCEL and (row.over in {"cancelled", "expired"} or row.expires_at <= services.clock()):
        return None, url
    try:
        said = thaw(row.sealed if row.key_name is None else services.vault.open(row.key_name, row.sealed))
    except KeyGone:
        return None, url
    said = said.for_outside() if row.outside else said
    text = said.texts[language_for(said, row.language or "")] if said.texts else None
    return text, attention.link(said.page_url, "inbox")


def _over(language: str | None, why: str | None) -> Text:
    said = over_texts([nearest(language or "", ALL)], "cancelled" if why == "cancelled" else "expired")
    return next(iter(said.values()))
