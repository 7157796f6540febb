"""The area of a record, given in parts: codes of counties and states, drawn areas, circles. Their union is the area."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from alerts.bounded import Lat, Line, Lon, Strict
from alerts.plain_words import PlainLine

SameCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


Feet = Annotated[float, Field(ge=-2_000, le=400_000)]


class AreaCircle(Strict):
    """A point and a radius."""

    lon: Lon
    lat: Lat
    radius_m: Annotated[float, Field(gt=0, le=2_000_000, description="Metres on the ellipsoid.")]


class Geocode(Strict):
    """A code of another scheme than SAME, as a CAP message gave it."""

    name: Line
    value: Line


class AreaParts(Strict):
    """Where people are told. At least one part; several parts are one area, their union."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [part]} for part in ("same", "geojson", "circles")]}
    )

    description: PlainLine | None = Field(None, description="The area in words, as people call it.")
    same: list[SameCode] = Field(
        default_factory=list, max_length=500, description="SAME codes PSSCCC: 006037 is Los Angeles County, CA."
    )
    geojson: dict[str, Any] | None = Field(
        None,
        description="A GeoJSON Polygon, MultiPolygon, GeometryCollection or Feature of these (RFC 7946; lon, lat).",
    )
    circles: list[AreaCircle] = Field(default_factory=list, max_length=100)
    geocodes: list[Geocode] = Field(
        default_factory=list, max_length=500, description="Other codes of the same places; they place nothing here."
    )
    altitude: Feet | None = Field(None, description="Feet above sea level (CAP's unit): the lowest.")
    ceiling: Feet | None = Field(None, description="Feet above sea level: the highest; with altitude only.")

    @model_validator(mode="after")
    def _has_a_part(self) -> Self:
        if not (self.same or self.geojson or self.circles):
            raise PydanticCustomError("empty", "must have at least one part: same, geojson or circles")
        return self
