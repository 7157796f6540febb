"""The area of a record, given in parts: codes of counties and states, drawn areas, circles. Their union is the area."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from alerts.bounded import Lat, Line, Lon, Strict

SameCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class AreaCircle(Strict):
    """A point and a radius."""

    lon: Lon
    lat: Lat
    radius_m: Annotated[float, Field(gt=0, le=2_000_000, description="Metres on the ellipsoid.")]


class AreaParts(Strict):
    """Where people are told. At least one part; several parts are one area, their union."""

    description: Line | None = Field(None, description="The area in words, as people call it.")
    same: list[SameCode] = Field(
        default_factory=list, max_length=500, description="SAME codes PSSCCC: 006037 is Los Angeles County, CA."
    )
    geojson: dict[str, Any] | None = Field(
        None,
        description="A GeoJSON Polygon, MultiPolygon, GeometryCollection or Feature of these (RFC 7946; lon, lat).",
    )
    circles: list[AreaCircle] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _has_a_part(self) -> Self:
        if not (self.same or self.geojson or self.circles):
            raise PydanticCustomError("empty", "must have at least one part: same, geojson or circles")
        return self
