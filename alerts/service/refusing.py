"""Of which alerts a person wants to hear, read and written for the API and the page."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.errors import Refused
from alerts.model import Problem
from alerts.programme import AlertClass
from alerts.services import Services
from notifiers import refusing
from notifiers.transactions import reading, writing


def wanted(services: Services, recipient_id: int) -> tuple[AlertClass, ...]:
    with reading(services.engine) as connection:
        refused = refusing.read(connection, recipient_id)
    return tuple(one for one in AlertClass if one.value not in refused)


def want(services: Services, recipient_id: int, classes: Iterable[AlertClass]) -> None:
    """These alone, from the next alert on. Refused for none at all: who wants none leaves, and leaves nothing behind."""
    refused = set(AlertClass) - set(classes)
    if refused == set(AlertClass):
        said = "at least one class must be wanted; who wants none leaves"
        raise Refused([Problem.error("class-none", "/classes", said)])
    with writing(services.engine) as connection:
        refusing.write(connection, recipient_id, refused)
