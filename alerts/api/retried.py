"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header) on every POST of the API and of the pages: a retry gets the first answer.

422 for a key that came with another request, 409 while the first is still running. A refusal is not kept: nothing was
done, so asking again asks again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from alerts import once
from alerts.errors import Malformed
from alerts.model import Problem
from alerts.services import Services

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

HEADER = "idempotency-key"
ONCE = "once"  # a form's key, in the query of its action: the pages give one to each form
SEE_OTHER = 303  # what a form that did something is answered with
PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A key of your own for this request, such as a UUID: sent again within a day with the same request, "
    "it gets the same answer, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_KEY = re.compile(
    r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})'
)  # quoted as RFC 9651 says, or bare
_KEPT_HEADERS = ("content-type", "location", "etag")


async def answered(request: Request, handle: Handler) -> Response:
    """The answer of `handle`, or the one that the same request got before."""
    given = request.headers.get(HEADER) if request.url.path.startswith("/v1/") else request.query_params.get(ONCE)
    if given is None or request.method != "POST":
        return await handle(request)
    key, body = _read(given), await request.body()
    services: Services = request.app.state.services
    begun = await run_in_threadpool(_begin, services, request, key, body)
    if isinstance(begun, bytes):
        return _again(begun)
    token = once.enter(begun)
    try:
        answer = await handle(request)
    except BaseException:
        await run_in_threadpool(once.drop, begun)
        raise
    finally:
        once.leave(token)
    await run_in_threadpool(partial(_note, begun, answer, by_form=ONCE in request.query_params))
    return answer


def caller_of(request: Request) -> str:
    """Whose key it is: who was proven to call, else the address."""
    caller = request.state.caller
    if caller.officer is not None:
        return f"officer:{caller.officer.id}"
    if caller.partner is not None:
        return f"partner:{caller.partner.id}"
    if caller.recipient_id is not None:
        return f"recipient:{caller.recipient_id}"
    return f"address:{request.client.host if request.client else ''}"


def _read(given: str) -> str:
    found = _KEY.fullmatch(given.strip())
    if found is None:
        raise Malformed([Problem.error("idempotency_key", "", "Idempotency-Key must be a text of 1 to 255 characters")])
    return found[1] or found[2]


def _begin(services: Services, request: Request, key: str, body: bytes) -> once.Run | bytes:
    said = [request.method, request.url.path, request.url.query, request.headers.get("content-type", "")]
    if (
        ONCE in request.query_params
    ):  # a form has the key that its page gave it; sent again, its parts are cut elsewhere
        said, body = said[:3], b""
    fingerprint = hashlib.sha256(json.dumps(said).encode() + body).digest()
    return once.begin(services.engine, services.vault, caller_of(request), key, fingerprint, services.clock())


def _note(run: once.Run, answer: Response, *, by_form: bool) -> None:
    body = getattr(answer, "body", None)
    if not _is_kept(answer.status_code, by_form) or body is None:
        once.drop(run)
        return
    headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
    once.finish(run, json.dumps([answer.status_code, headers]).encode() + b"\n" + bytes(body))


def _is_kept(status: int, by_form: bool) -> bool:
    """A form's answer only where it leads on: a page may show a key that is shown once, and is kept nowhere."""
    return status == SEE_OTHER if by_form else 200 <= status < 300


def _again(kept: bytes) -> Response:
    head, _, body = kept.partition(b"\n")
    status, headers = json.loads(head)
    return Response(body, status, headers)
