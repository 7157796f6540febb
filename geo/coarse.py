"""Public positions are coarsened before anything else sees them: to a cell, and the circle that covers it whole. Pure.

Cells are CELL_DEGREES high and, by latitude band, as wide as keeps them about square. The circle of uncertainty that
is stored covers every corner of the cell, so matching never misses a person for being coarsened.
"""

from __future__ import annotations

import math

CELL_DEGREES = 0.01  # of latitude: about 1.1 km
_LONGEST_DEGREE_M = 111_700.0  # of latitude anywhere, and of longitude anywhere (111,694 m at the poles, 111,320 m)


def coarsen(lon: float, lat: float) -> tuple[float, float, float]:
    """(lon, lat) of the middle of the position's cell and the radius in metres of the circle that covers the cell."""
    band = min(math.floor((lat + 90.0) / CELL_DEGREES), round(180.0 / CELL_DEGREES) - 1)
    south = band * CELL_DEGREES - 90.0
    nearest_equator = min(abs(south), abs(south + CELL_DEGREES)) if south * (south + CELL_DEGREES) > 0 else 0.0
    widest = math.cos(math.radians(nearest_equator))  # metres a degree of longitude, at the wider edge of the band
    cells = max(1, math.floor(360.0 * widest / CELL_DEGREES))
    width = 360.0 / cells
    column = math.floor((lon + 180.0) / width) % cells
    radius_m = math.hypot(CELL_DEGREES / 2, min(180.0, width / 2) * widest) * _LONGEST_DEGREE_M
    return round((column + 0.5) * width - 180.0, 7), round(south + CELL_DEGREES / 2, 7), math.ceil(radius_m) + 1.0
