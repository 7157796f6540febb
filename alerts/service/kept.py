"""What an act left, kept by the request's Idempotency-Key in the act's own transaction, and given again (`alerts.once`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection

from alerts import once as answering
from alerts.model import Problem
from alerts.reports import Decision, Submission
from alerts.services import Services
from geo.shapes import Shape

P = ParamSpec("P")
Left = TypeVar("Left", bound=Submission | Decision)
Left_co = TypeVar("Left_co", bound=Submission | Decision, covariant=True)


class Act(Protocol[P, Left_co]):
    """A service function that leaves a submission or a decision."""

    def __call__(self, services: Services, /, *args: P.args, **kwargs: P.kwargs) -> Left_co: ...


_DECISION = TypeAdapter(Decision)
_PLAIN = TypeAdapter(dict[str, Any])
_PROBLEMS = TypeAdapter(tuple[Problem, ...])
_TIME = TypeAdapter(datetime | None)


def once(kind: type[Left]) -> Callable[[Act[P, Left]], Act[P, Left]]:
    """An act that is not done a second time for a request that has done it: what it left then comes back."""

    def of(act: Act[P, Left]) -> Act[P, Left]:
        @wraps(act)
        def acted(services: Services, /, *args: P.args, **kwargs: P.kwargs) -> Left:
            run = answering.current()
            found = loads(run.left) if run and run.left else None
            return found if isinstance(found, kind) else act(services, *args, **kwargs)

        return acted

    return of


Beside = Callable[[Connection, Submission | Decision], None]
_beside: ContextVar[Beside | None] = ContextVar("beside", default=None)


@contextmanager
def beside(write: Beside) -> Iterator[None]:
    """`write` is called in the transaction of every act that is done within; when it raises, nothing of it was done."""
    token = _beside.set(write)
    try:
        yield
    finally:
        _beside.reset(token)


def keep(connection: Connection, left: Submission | Decision, key_name: str = answering.HOUSE_KEY) -> None:
    """In the act's transaction; `key_name` of the incident for what holds its area."""
    answering.keep(connection, dumps(left), key_name)
    if (write := _beside.get()) is not None:
        write(connection, left)


def dumps(left: Submission | Decision) -> bytes:
    if isinstance(left, Decision):
        return b"D" + _DECISION.dump_json(left)
    plain = {of.name: getattr(left, of.name) for of in fields(left)}
    plain |= {"area": left.area.to_geojson() if left.area else None}
    return b"S" + _PLAIN.dump_json(plain)


def loads(kept: bytes) -> Submission | Decision:
    if kept[:1] == b"D":
        return _DECISION.validate_json(kept[1:])
    found = json.loads(kept[1:])
    found["area"] = Shape.from_json(found["area"]) if found["area"] else None
    found["problems"] = _PROBLEMS.validate_python(found["problems"])
    found["lapses_at"] = _TIME.validate_python(found["lapses_at"])
    return Submission(**found)
