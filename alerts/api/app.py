"""The FastAPI application: routes, the gate before all of them, limits and headers around them, OpenAPI of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig

from alerts.api import (
    access,
    alerts,
    changes,
    consents,
    documents,
    feeds,
    health,
    inbox,
    locations,
    operations,
    partner_people,
    people,
    phones,
    problem,
    providers,
    schemas,
    sources,
    tips,
)
from alerts.api.access import DenyUnmarkedMounts, gate
from alerts.api.headers import Observed, SecurityHeaders, Whence
from alerts.api.limits import BodyLimit
from alerts.api.retried import PARAMETER
from alerts.feeds_out import Shelf
from alerts.services import Services

TITLE = "Lookout"
VERSION = "1"
ABOUT = """Geo-targeted missing-child alerts: submit an AMBER record or a CAP 1.2 message, have it approved by a second
officer, and everyone inside its area is told once.

Officers and operators send `Authorization: Bearer lk_...` (an API key), partner platforms `Bearer lkp_...`, recipients
`Bearer {id}.{token}`.
Every POST takes an Idempotency-Key; every change of an alert needs If-Match with the ETag of what was seen.
Every refusal is a problem document (RFC 9457) that names all faults at once. Positions are WGS 84, lon before lat."""


# Spans would hold addresses with tokens, its log the text of exceptions: `alerts.api.headers` notes what may be noted.
UNTRACED: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(services: Services) -> FastAPI:
    """The API on these services. Pages are mounted on it by `alerts.pages.mount`."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=ABOUT,
        dependencies=[Depends(gate)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=UNTRACED,
    )
    app.state.services = services
    app.state.shelf = Shelf(services)
    for router in (
        alerts.router,
        changes.router,
        people.router,
        phones.router,
        locations.router,
        partner_people.router,
        inbox.router,
        feeds.router,
        sources.router,
        operations.router,
        providers.router,
        health.router,
        schemas.router,
        consents.router,
        tips.router,
    ):
        app.include_router(router)
    _add_openapi(app)
    problem.install(app)
    # The last added is the outermost.
    app.add_middleware(DenyUnmarkedMounts)
    app.add_middleware(BodyLimit, settings=services.settings)
    app.add_middleware(SecurityHeaders, https=services.settings.https)
    app.add_middleware(Observed)
    app.add_middleware(Whence)
    return app


def _add_openapi(app: FastAPI) -> None:
    document: dict[str, Any] = {}

    @app.get("/openapi.json", include_in_schema=False)
    @access.rule(access.PUBLIC)
    def openapi() -> Mapping[str, Any]:
        if not document:
            document.update(describe(app))
        return document


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the API (the pages are not part of it)."""
    document = get_openapi(title=TITLE, version=VERSION, description=ABOUT, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(documents.record_schemas() | documents.problem_schema())
    _add_security(app, document)
    components["securitySchemes"] = {
        "officer": {"type": "http", "scheme": "bearer", "description": "An officer's or operator's API key."},
        "recipient": {"type": "http", "scheme": "bearer", "description": "A recipient's `{id}.{token}`."},
        "partner": {"type": "http", "scheme": "bearer", "description": "A partner platform's key."},
    }
    _add_idempotency(document)
    _drop_framework_errors(document)
    return document


SCHEMES = {
    access.RECIPIENT: "recipient",
    access.PARTNER: "partner",
    access.OFFICER: "officer",
    access.OPERATOR: "officer",
    access.STAFF: "officer",
    access.SUBMITTER: "officer",
    access.APPROVER: "officer",
}


def _add_security(app: FastAPI, document: dict[str, Any]) -> None:
    """Who may call each operation, from the rule that its route carries."""
    for context in iter_route_contexts(app.routes):
        scheme = SCHEMES.get(getattr(context.endpoint, access.MARK, access.PUBLIC))
        for method in context.methods or ():
            operation = document["paths"].get(context.path, {}).get(method.lower())
            if operation is not None and scheme:
                operation["security"] = [{scheme: []}]


def _add_idempotency(document: dict[str, Any]) -> None:
    """Every POST takes the key (`alerts.api.retried`)."""
    for path, found in document["paths"].items():
        if "post" in found and path.startswith("/v1/"):
            found["post"].setdefault("parameters", []).append(PARAMETER)
            told = {str(status): said for status, said in documents.problems(400, 409, 422).items()}
            found["post"]["responses"] = told | found["post"]["responses"]


def _drop_framework_errors(document: dict[str, Any]) -> None:
    """What the framework says of 422 is not what is answered here: a problem document is."""
    for path in document["paths"].values():
        for operation in path.values():
            found = operation.get("responses", {}).get("422", {})
            if "application/json" in found.get("content", {}):
                operation["responses"]["422"] = documents.problems(422)[422]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
