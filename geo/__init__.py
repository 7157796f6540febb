"""Shapes on the earth. Positions are (lon, lat) in degrees, WGS 84; lengths in metres. Knows no alert and no message.

      what was drawn or written                  where people are
                 |                                      |
        shapes  (rings, geojson,                  store, tables
                 cap_text, circles)                     |
        places   codes and names -> Shape         coarse  public positions, before anything sees them
                 |                                      |
               Shape  ------------>  index  ----->  ids of everybody in it, each once
                 |                     (pages in Hilbert order; parts decide exactly)
                 |------------------>  watch  <-----  one position, or many: which active areas hold it?
                 |                     (cells, resolved or crowd; pieces decide exactly)
                 |------------------>  jurisdictions  what sticks out
                 `------------------>  distance       metres on the ellipsoid (borders)

A boundary belongs to its area. Polygon edges are straight in lon/lat, circles stay circles (geodesics), 180 and -180
are one meridian and a pole is one place.
"""

from geo.index import RecipientIndex
from geo.shapes import Circle, Shape

__all__ = ["Circle", "RecipientIndex", "Shape"]
