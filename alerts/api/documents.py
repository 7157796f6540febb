"""How a route takes a whole document (a record or CAP message), and what the routes say of themselves in OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from alerts.api.access import Given, SignedIn
from alerts.api.answers import ProblemDocument
from alerts.intake import Intake
from alerts.record import Record
from alerts.service.drafting import read_document


async def _body(request: Request) -> bytes:
    """The body whole: bounded by `BodyLimit` while it arrives, and read only after the caller was let in."""
    return await request.body()


def _intake(request: Request, body: Annotated[bytes, Depends(_body)], officer: SignedIn, services: Given) -> Intake:
    """The document read; raises Refused with every fault."""
    return read_document(services, officer, body, request.headers.get("content-type", ""))


Bytes = Annotated[bytes, Depends(_body)]
Document = Annotated[Intake, Depends(_intake)]

CAP_EXAMPLE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>EX-2025-0001</identifier><sender>alerts@agency.example</sender><sent>2025-06-01T12:00:00-06:00</sent>
  <status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>
  <info>
    <category>Rescue</category><event>Child Abduction Emergency</event><urgency>Immediate</urgency>
    <severity>Severe</severity><certainty>Likely</certainty>
    <expires>2025-06-02T12:00:00-06:00</expires><headline>Exercise: AMBER Alert</headline>
    <description>This is an exercise; the child is invented.</description>
    <area><areaDesc>Denver County</areaDesc><geocode><valueName>SAME</valueName><value>008031</value></geocode></area>
  </info>
</alert>"""


def document_body() -> dict[str, Any]:
    """OpenAPI of a route that takes a `Document`."""
    schema = Record.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Record"}, **_examples(schema)},
                "application/cap+xml": {"schema": {"type": "string"}, "example": CAP_EXAMPLE},
            },
        }
    }


def _examples(schema: dict[str, Any]) -> dict[str, Any]:
    found = schema.get("examples") or []
    return {"example": found[0]} if found else {}


def record_schemas() -> dict[str, Any]:
    """The schemas of a record and its parts, as components of the OpenAPI document."""
    schema = Record.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return parts | {"Record": schema}


_SAID = {
    400: "Not a document at all: no JSON, no XML, no UTF-8",
    401: "Nobody proved who they are",
    403: "Whoever asks may not do this",
    404: "There is no such thing, or it is not theirs to see",
    408: "The body took too long to arrive",
    409: "Something else happened first",
    410: "It is over, and what it said is gone",
    412: "It is not as it was seen any more; ETag says how it is",
    413: "The body is too large",
    415: "The content type is none that is read here",
    422: "The document is wrong: every fault is named",
    428: "If-Match is missing: which state of it was seen?",
    429: "Too many requests; see Retry-After",
    503: "Busy; see Retry-After",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: problem documents for these statuses."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {status: {"description": _SAID[status], "content": content} for status in statuses}


READ = problems(401, 403, 404)
WRITE = problems(400, 401, 403, 404, 409, 413, 415, 422)
CHANGE = WRITE | problems(412, 428)


def problem_schema() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = schema.pop("$defs", {})
    return parts | {"ProblemDocument": schema}
