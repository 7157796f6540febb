"""The area map, drawn by the server as one inline SVG: no tiles, no script, no third party.

    area, surroundings --frame--> sheet coordinates --svg--> paths, dots, labels, scale bar

frame.py         which part of the earth the sheet shows; (lon, lat) -> sheet
svg.py           the drawing: pure, from shapes and places to one string
labels.py        which place names fit without touching each other
surroundings.py  what lies around an area: outlines from the gazetteer, places from GeoNames (loaded on first use)
"""

from alerts.pages.map.surroundings import Place, Surroundings, around
from alerts.pages.map.svg import draw

__all__ = ["Place", "Surroundings", "around", "draw"]
