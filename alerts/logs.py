"""Structured logs: events are snake words with ids; secrets and personal data have no way in.

Exceptions are logged by type and place, never by text: the text of a parser's or driver's exception may quote its input.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_KEYS = frozenset({"token", "key", "password", "authorization", "cookie", "address", "email", "endpoint", "body"})
HIDDEN = "[hidden]"


def configure(form: str = "json", level: str = "info") -> None:
    """Log to standard error as JSON lines or, for people at a terminal, as text. Call once a process."""
    last: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_secrets,
            place_exception,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_to_standard_error,
        cache_logger_on_first_use=False,
    )
    # Access lines hold addresses and query strings; libraries may quote what they choke on.
    for name in ("uvicorn.access", "aiohttp.access", "aiosmtplib", "httpx"):
        logging.getLogger(name).disabled = True


def _to_standard_error(*_arguments: Any) -> structlog.PrintLogger:
    """Where standard error leads at that moment: it may have been redirected since."""
    return structlog.PrintLogger(sys.stderr)


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A last net under the rule that nobody logs these."""
    return {k: HIDDEN if k.lower() in SECRET_KEYS else v for k, v in event.items()}


def place_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`exc_info` becomes the exception's type and the lines it passed: without its text and without values."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)[-8:]]
    return event
