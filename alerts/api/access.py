"""Who may call what: every route carries one rule, a route without one is closed.

`rule(...)` marks an endpoint; `gate` is a dependency of the whole application, so it runs for every endpoint that was
really matched, before any other dependency; a `GatedRoute` asks it even before the body is read. Mounted applications have no dependencies: `public_mount` marks the ones
that hold nothing but public files, `list_unruled` finds what is marked by nobody, `DenyUnmarkedMounts` closes it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from alerts import acting, agencies, partners, sessions
from alerts.agencies import Officer, Role
from alerts.api import problem
from alerts.api.retried import answered
from alerts.errors import NotAllowed, NotSignedIn
from alerts.partners import Partner
from alerts.services import Services
from notifiers import subscriptions
from notifiers.transactions import reading, writing

COOKIE = "lookout_session"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MARK = "access_rule"

Marked = TypeVar("Marked")


class Rule(Enum):
    """Who a route is for."""

    PUBLIC = "anyone"
    RECIPIENT = "a recipient, by its own token"
    PARTNER = "a partner platform, by its key"
    OFFICER = "an officer of an agency"
    OPERATOR = "an operator of the house"
    STAFF = "an officer or an operator"
    METRICS = "anyone in a sandbox, an operator in live mode"
    SUBMITTER = "an officer who may submit"
    APPROVER = "an officer who may approve"
    ADMINISTRATOR = "an administrator who is signed in"
    PERSON = "a person who is signed in"


PUBLIC, RECIPIENT, PARTNER, OFFICER, OPERATOR, STAFF, METRICS, SUBMITTER, APPROVER, ADMINISTRATOR, PERSON = Rule
SEEN_EVERY = timedelta(minutes=1)  # how exactly it is known when a session or key was used last
UNATTENDED = ("/live.json", "/live.events")  # what an open page asks by itself keeps nobody signed in


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as far as it was proven: one of the three, or nobody. `by_cookie`: a browser's session."""

    officer: Officer | None = None
    recipient_id: int | None = None
    partner: Partner | None = None
    by_cookie: bool = False

    @property
    def known(self) -> bool:
        return self != Caller()


def rule(who: Rule) -> Callable[[Marked], Marked]:
    """Marks an endpoint; goes under the router's decorator."""

    def mark(endpoint: Marked) -> Marked:
        setattr(endpoint, MARK, who)
        return endpoint

    return mark


def public_mount(app: ASGIApp) -> ASGIApp:
    """Marks a mounted application (static files) as open to anyone."""
    setattr(app, MARK, PUBLIC)
    return app


def gate(request: Request) -> None:
    """Raise unless the caller may call the endpoint that was matched; leaves the `Caller` in `request.state`."""
    who = getattr(request.scope.get("endpoint"), MARK, None)
    if who is None:
        raise NotAllowed("this route is closed: it carries no rule")
    if hasattr(request.state, "caller"):  # let in by `GatedRoute` already
        return
    services: Services = request.app.state.services
    caller = identify(request, services) if who is not PUBLIC or COOKIE in request.cookies else Caller()
    request.state.caller = caller
    if not _admits(who, caller, services):
        raise NotAllowed(f"only for {who.value}") if caller.known else NotSignedIn
    if caller.by_cookie:
        acting.proven_by("session", request.cookies.get(COOKIE, ""))
    elif caller.known:
        acting.proven_by("key", request.headers.get("authorization", "").partition(" ")[2].strip())
    if caller.by_cookie and request.method in UNSAFE:
        refuse_foreign_origin(request, services)


class GatedRoute(APIRoute):
    """A route that asks the gate before its body is read: the framework reads JSON and forms before any dependency."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def gated(request: Request) -> Response:
            await run_in_threadpool(gate, request)
            return await answered(request, handle)

        return gated


def identify(request: Request, services: Services) -> Caller:
    """Who calls: a key of an officer or partner or a recipient's `id.token` after `Bearer`, else the session cookie."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_bearer(services, secret.strip())
    token, now = request.cookies.get(COOKIE, ""), services.clock()
    with reading(services.engine) as connection:
        found = agencies.find_session(connection, token, now, idle_s=services.settings.session_idle_s)
    if found and _unnoted(found, now) and not request.url.path.endswith(UNATTENDED):
        with writing(services.engine) as connection:
            sessions.note_seen(connection, token, now)
    return Caller(officer=found, by_cookie=found is not None)


def _unnoted(found: Officer, now: datetime) -> bool:
    return found.seen_at is None or now - found.seen_at >= SEEN_EVERY


def _by_bearer(services: Services, secret: str) -> Caller:
    public_id, dot, token = secret.partition(".")
    with reading(services.engine) as connection:
        if dot:
            return Caller(recipient_id=subscriptions.find_recipient(connection, public_id, token))
        if secret.startswith(partners.PREFIX):
            return Caller(partner=partners.find_by_key(connection, secret, services.clock()))
        found = agencies.find_by_key(connection, secret, now := services.clock())
    if found and _unnoted(found, now):
        with writing(services.engine) as connection:
            agencies.note_key_use(connection, secret, now)
    return Caller(officer=found)


def _admits(who: Rule, caller: Caller, services: Services) -> bool:
    may = caller.officer.may if caller.officer else _nothing
    return {
        PUBLIC: True,
        RECIPIENT: caller.recipient_id is not None,
        PARTNER: caller.partner is not None,
        OFFICER: may(Role.SUBMIT, Role.APPROVE),
        SUBMITTER: may(Role.SUBMIT),
        APPROVER: may(Role.APPROVE),
        OPERATOR: may(Role.OPERATE),
        ADMINISTRATOR: may(Role.ADMINISTER) and caller.by_cookie,
        PERSON: caller.by_cookie,  # no key makes itself more of a person than it is
        STAFF: caller.officer is not None,
        METRICS: services.settings.sandbox or may(Role.OPERATE),
    }[who]


def _nothing(*_roles: Role) -> bool:
    return False


def refuse_foreign_origin(request: Request, services: Services) -> None:
    """An unsafe request with a cookie must come from our own pages: Origin is ours, or the browser says same-origin."""
    origin = request.headers.get("origin")
    own = origin in {services.settings.origin, f"{request.url.scheme}://{request.url.netloc}"}
    if not own and not (origin is None and request.headers.get("sec-fetch-site") == "same-origin"):
        raise NotAllowed("this request did not come from a page of this site")


def signed_in(request: Request) -> Officer:
    """The officer or operator who calls; the route's rule has already let them in."""
    officer: Officer | None = request.state.caller.officer
    if officer is None:
        raise NotSignedIn
    return officer


def perhaps_signed_in(request: Request) -> Officer | None:
    """The officer who looks at a public page, if any."""
    caller: Caller = request.state.caller
    return caller.officer


def calling_recipient(request: Request) -> int:
    """The recipient who calls, by its own token."""
    recipient_id: int | None = request.state.caller.recipient_id
    if recipient_id is None:
        raise NotSignedIn
    return recipient_id


def calling_partner(request: Request) -> Partner:
    """The partner platform that calls."""
    partner: Partner | None = request.state.caller.partner
    if partner is None:
        raise NotSignedIn
    return partner


def the_services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


SignedIn = Annotated[Officer, Depends(signed_in)]
Someone = Annotated[Officer | None, Depends(perhaps_signed_in)]
Recipient = Annotated[int, Depends(calling_recipient)]
Calling = Annotated[Partner, Depends(calling_partner)]
Given = Annotated[Services, Depends(the_services)]
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]  # of a row: what no database can hold is refused before it is asked


def set_session(response: Response, services: Services, token: str) -> None:
    settings = services.settings
    response.set_cookie(
        COOKIE, token, max_age=settings.session_s, httponly=True, samesite="strict", secure=_secure(services), path="/"
    )


def clear_session(response: Response, services: Services) -> None:
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_secure(services))


def _secure(services: Services) -> bool:
    """Everywhere but in a sandbox without TLS: a live house has no session that travels in the clear."""
    return services.settings.https or not services.settings.sandbox


def list_unruled(routes: list[BaseRoute]) -> list[str]:
    """The paths of all routes and mounts that carry no rule, and of mounts whose rule nobody would enforce."""
    return [path for path, who, is_api in _list_ruled(routes) if who is None or (not is_api and who is not PUBLIC)]


def _list_ruled(routes: list[BaseRoute]) -> Iterator[tuple[str, Rule | None, bool]]:
    for context in iter_route_contexts(routes):
        route = getattr(context, "original_route", context)
        marked: Any = getattr(context, "endpoint", None) or getattr(route, "app", None)
        yield str(context.path), getattr(marked, MARK, None), isinstance(route, APIRoute)


class DenyUnmarkedMounts:
    """Middleware: what is not an API endpoint never meets `gate`, so a plain route or mount must be marked public."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "app" in scope and _meets_unmarked(scope):
            refusal = problem.answer(Request(scope), 403, detail="this route is closed: it carries no rule")
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _meets_unmarked(scope: Scope) -> bool:
    for context in iter_route_contexts(scope["app"].routes):
        route = getattr(context, "original_route", context)
        if isinstance(route, APIRoute) or not hasattr(route, "matches"):
            continue
        marked = getattr(route, "endpoint", None) or getattr(route, "app", None)
        if getattr(marked, MARK, None) is not PUBLIC and route.matches(dict(scope))[0] is not Match.NONE:
            return True
    return False
