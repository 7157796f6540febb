"""The poster's letters: Noto Sans (SIL Open Font License) for Latin, Arabic and Devanagari, regular and bold.

Cut by `alerts.pages.build_fonts`.
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent / "fonts"
FAMILY = "noto"
FALLBACKS = ("noto-arabic", "noto-devanagari")
WEIGHTS = {"": 400, "B": 700}


def path_of(family: str, weight: int) -> Path:
    return HERE / f"{family}-{weight}.ttf"


def faces() -> list[tuple[str, str, Path]]:
    """Family, style and file of every face."""
    return [
        (family, style, path_of(family, weight)) for family in (FAMILY, *FALLBACKS) for style, weight in WEIGHTS.items()
    ]
