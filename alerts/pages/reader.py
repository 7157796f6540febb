"""Who reads: the person whom a browser belongs to, by the cookie of their sign-up, or for a quarter of an hour the one
whose message led here (`/u/{token}/manage`). The second comes first, and only below /inbox: nobody's own sign-up is lost.
"""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy import select

from alerts.errors import NotFound
from alerts.service import people
from alerts.services import Services
from notifiers import subscriptions
from notifiers.tables import recipient
from notifiers.transactions import reading

COOKIE = "lookout_place"
COOKIE_S = 400 * 24 * 3600  # as long as browsers keep any
MANAGING = "lookout_settings"
MANAGING_S = 900


def who(request: Request, services: Services) -> int | None:
    """The recipient of this browser; None where nobody signed up in it, or they have left."""
    if (token := request.cookies.get(MANAGING)) and (found := _of_link(services, token)) is not None:
        return found
    public_id, dot, token = request.cookies.get(COOKIE, "").partition(".")
    if not dot:
        return None
    with reading(services.engine) as connection:
        return subscriptions.find_recipient(connection, public_id, token)


def meant(request: Request, services: Services, of: str) -> int | None:
    """As `who`, where that is still whom the page was about (`of`: a public id, empty where the page said none): a page
    that stands open longer than the quarter of an hour must not change, or delete, whoever this browser belongs to.
    """
    recipient_id = who(request, services)
    return recipient_id if recipient_id is None or not of or of == public_id_of(services, recipient_id) else None


def public_id_of(services: Services, recipient_id: int) -> str:
    """How a page names whom it is about."""
    with reading(services.engine) as connection:
        return connection.scalar(select(recipient.c.public_id).where(recipient.c.id == recipient_id)) or ""


def keep(answer: Response, services: Services, secret: str) -> None:
    """This browser is that person's from now on. `secret`: public id, dot, token."""
    answer.set_cookie(
        COOKIE, secret, max_age=COOKIE_S, httponly=True, samesite="strict", secure=services.settings.https
    )


def manage(answer: Response, services: Services, token: str) -> None:
    """For a while its settings are those of the owner of this message's link. NotFound for a forged or an old one."""
    if _of_link(services, token) is None:
        raise NotFound("this link's owner has left")
    answer.set_cookie(
        MANAGING,
        token,
        max_age=MANAGING_S,
        path="/inbox",
        httponly=True,
        samesite="strict",
        secure=services.settings.https,
    )


def forget(request: Request, answer: Response) -> None:
    """Of the person who was just asked for."""
    if request.cookies.get(MANAGING):
        answer.delete_cookie(MANAGING, path="/inbox")
    else:
        answer.delete_cookie(COOKIE)


def _of_link(services: Services, token: str) -> int | None:
    try:
        subscription_id = people.read_link(services, token)
    except NotFound:
        return None
    with reading(services.engine) as connection:
        return subscriptions.owner_of(connection, subscription_id)
