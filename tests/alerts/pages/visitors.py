"""The moment, the address and the picture that tests of the pages share."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from PIL import Image

NOW = datetime(2026, 11, 22, 17, 20, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8000"


def picture() -> bytes:
    """A JPEG of nobody."""
    out = io.BytesIO()
    Image.new("RGB", (600, 800), "orange").save(out, "JPEG")
    return out.getvalue()


def seen(officer: Any, path: str) -> dict[str, str]:
    """The state that the alert's page shows, as each of its forms carries it."""
    return {"seen": re.findall(r'name="seen" value="([^"]*)"', officer.get(path).text)[0]}
