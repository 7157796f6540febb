"""The desk at which documents arrive in tests: one moment, limits, and who submits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alerts.compose import Origin

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "cap"
NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)  # under two hours after the invented abduction
ORIGIN = Origin("alerts@sheriff.example", "Example Sheriff", "us-amber")


@dataclass(frozen=True)
class Limits:
    max_alert_bytes: int = 1 << 20
    max_photo_bytes: int = 1 << 19
    max_photo_pixels: int = 4_000_000
    max_photos: int = 4
