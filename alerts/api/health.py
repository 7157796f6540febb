"""/healthz: the process answers. /readyz: it can do its work. /metrics: the series for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select

from alerts import metrics
from alerts.api.access import METRICS, PUBLIC, Given, rule
from alerts.services import Services
from alerts.tables import house
from notifiers.transactions import reading

router = APIRouter(tags=["health"])


@router.get("/healthz")
@rule(PUBLIC)
async def health() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz")
@rule(PUBLIC)
def ready(services: Given) -> JSONResponse:
    """200 when database and keys can be reached, else 503."""
    checks = {"database": _database(services), "keys": services.settings.keys_directory.is_dir()}
    return JSONResponse({"ready": all(checks.values()), **checks}, 200 if all(checks.values()) else 503)


@router.get("/metrics", response_class=PlainTextResponse)
@rule(METRICS)
def read_metrics(services: Given) -> Response:
    """The series that matter, in Prometheus' text format."""
    return Response(metrics.expose(services), media_type=CONTENT_TYPE_LATEST)


def _database(services: Services) -> bool:
    try:
        with reading(services.engine) as connection:
            return connection.scalar(select(house.c.mode)) == services.settings.mode.value
    except Exception:  # noqa: BLE001  # whatever it is, the answer is no
        return False
