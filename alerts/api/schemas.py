"""What a program needs to write a record: its JSON Schema, and the programmes with their rules and where those stand."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from alerts.api.access import PUBLIC, rule
from alerts.programme import PROGRAMMES, Programme
from alerts.record import json_schema

router = APIRouter(prefix="/v1", tags=["schemas"])

SCHEMA_TYPE = "application/schema+json"


@router.get("/schemas/record", responses={200: {"content": {SCHEMA_TYPE: {}}, "description": "JSON Schema 2020-12"}})
@rule(PUBLIC)
def record_schema() -> JSONResponse:
    """The JSON Schema (2020-12) of an AMBER record. What it refuses is refused; abbreviations and criteria come on top."""
    return JSONResponse(_schema(), media_type=SCHEMA_TYPE, headers={"Cache-Control": "public, max-age=3600"})


@router.get("/programmes")
@rule(PUBLIC)
def list_programmes() -> list[dict[str, Any]]:
    """The issuing programmes: their rules, each with its source, and whether an alert under them can go live."""
    return [_told(programme) for programme in PROGRAMMES.values()]


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _told(programme: Programme) -> dict[str, Any]:
    names = (
        "id", "name", "max_age", "alert_class", "needs_abduction", "needs_ncic", "child_fields", "default_expiry_s",
        "longest_expiry_s", "repeat_after_s", "approves", "event",
    )  # fmt: skip
    told = {name: getattr(programme, name) for name in names}
    sources = {rule.value: asdict(source) for rule, source in programme.sources.items()}
    return told | {"live": programme.checked, "unchecked": list(programme.unchecked), "sources": sources}
