"""A roll as GeoJSON or GeoParquet, through geopandas, block by block: the geometry says where, the rest is as in CSV.

Positions must be WGS 84 lon/lat. Anything else is refused rather than converted: how exact a conversion is depends on
grids that may not be installed, and a person must not be moved by it without a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.roll import COLUMNS, REQUIRED, NotARoll, Row

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

GEOJSON = (".geojson", ".json", ".geojsonl", ".geojsons")
GEOPARQUET = (".parquet", ".geoparquet")
WGS84 = {("EPSG", "4326"), ("OGC", "CRS84")}
BLOCK = 20_000  # rows
GEOJSON_BLOCK = 100_000  # its reader begins at the beginning for every block
EXACT = 2**53  # from here on a float stands for several whole numbers


class GeoRoll:
    """A roll in such a file, by its suffix. `done` of `total` rows have been read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.done = 0
        self.total = 0
        self.unused: tuple[str, ...] = ()  # columns that mean nothing here

    def rows(self) -> Iterator[Row]:
        """NotARoll before the first row if the file is not one, its positions are not WGS 84, or a column is missing."""
        blocks = self._geoparquet() if self._path.suffix.lower() in GEOPARQUET else self._geojson()
        for frame in blocks:
            self._check_columns(frame)
            yield from _rows(frame, self.done + 1)
            self.done += len(frame)

    def _geojson(self) -> Iterator[GeoDataFrame]:
        import geopandas
        import pyogrio
        from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

        self._check_json()
        try:
            about = pyogrio.read_info(self._path, force_feature_count=True)
            if not about["driver"].startswith("GeoJSON"):
                raise NotARoll("the file is not GeoJSON")
            _check_crs(about["crs"])
            self.total = about["features"]
            for start in range(0, self.total, GEOJSON_BLOCK):
                part = slice(start, start + GEOJSON_BLOCK)
                # As text, or the reader would give a time without offset that of its neighbours.
                yield geopandas.read_file(self._path, rows=part, datetime_as_string=True)
        except (DataSourceError, DataLayerError, FeatureError) as fault:
            raise NotARoll(f"the file cannot be read as GeoJSON: {_first_line(fault)}") from None

    def _check_json(self) -> None:
        """The reader goes by the content and knows a hundred formats, some of which make it ask the network."""
        with self._path.open("rb") as file:
            if not file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n").startswith(b"{"):
                raise NotARoll("the file is not GeoJSON")

    def _geoparquet(self) -> Iterator[GeoDataFrame]:
        try:
            from pyarrow import ArrowException, parquet
        except ImportError:
            raise NotARoll("GeoParquet needs pyarrow: install lookout[geoparquet]") from None
        try:
            file = parquet.ParquetFile(self._path)
            self.total = file.metadata.num_rows
            column, kind = _geo_column(file.schema_arrow)
            for batch in file.iter_batches(batch_size=BLOCK):
                yield _frame(batch, column, kind)
        except (ArrowException, OSError) as fault:
            raise NotARoll(f"the file cannot be read as GeoParquet: {_first_line(fault)}") from None

    def _check_columns(self, frame: GeoDataFrame) -> None:
        names = [str(name) for name in frame.columns if name != frame.geometry.name]
        beside = [name for name in ("lon", "lat") if name in names]
        if beside:
            raise NotARoll(f"the geometry says where people are; not beside it: {', '.join(beside)}")
        missing = [name for name in REQUIRED if name not in (*names, "lon", "lat")]
        if missing:
            raise NotARoll(f"every row must have properties; missing: {', '.join(missing)}")
        self.unused = tuple(name for name in names if name not in COLUMNS)


def _check_crs(crs: Any) -> None:
    """NotARoll unless it is WGS 84 in degrees; `crs` is anything that pyproj reads, None where it is not known."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if crs is None:
        raise NotARoll("the file does not say its coordinate system; it must be WGS 84 lon/lat")
    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        raise NotARoll("the file's coordinate system is not known; it must be WGS 84 lon/lat") from None
    if found.to_authority() not in WGS84:
        name = str(found.name)[:80]
        raise NotARoll(f"the positions are in {name!r}; they must be WGS 84 lon/lat: convert the file first")


def _geo_column(schema: Any) -> tuple[str, str]:
    """Name and encoding of the geometry, from GeoParquet's own metadata (version 1.1, file metadata "geo")."""
    try:
        geo = json.loads((schema.metadata or {})[b"geo"])
        name = geo["primary_column"]
        about: Mapping[str, Any] = geo["columns"][name]
        kind = about["encoding"]
    except (KeyError, ValueError, TypeError):
        raise NotARoll(
            "the file is Parquet without GeoParquet's metadata: it does not say where its rows are"
        ) from None
    if kind not in ("WKB", "point"):
        raise NotARoll("the geometry is not encoded as WKB or points")
    _check_crs(about.get("crs", "OGC:CRS84"))  # absent means CRS84, null means unknown
    return name, kind


def _frame(batch: Any, column: str, kind: str) -> GeoDataFrame:
    """A block as geopandas has it: its column is told apart from others by an extension name."""
    import geopandas
    import pandas as pd
    import pyarrow as pa

    about = {b"ARROW:extension:name": f"geoarrow.{kind.lower()}".encode()}
    table = pa.Table.from_batches([batch])
    place = table.schema.get_field_index(column)
    table = table.set_column(place, table.schema.field(place).with_metadata(about), table.column(place))
    # Arrow's own types: pandas would make floats of whole numbers where one is missing.
    return geopandas.GeoDataFrame.from_arrow(table, to_pandas_kwargs={"types_mapper": pd.ArrowDtype})


def _rows(frame: GeoDataFrame, first: int) -> Iterator[Row]:
    """The rows of a block, numbered from `first` on."""
    names = [name for name in COLUMNS if name in frame.columns]
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in names]
    for line, (shape, *cells) in enumerate(zip(frame.geometry.tolist(), *columns, strict=True), first):
        values, faults = dict.fromkeys(COLUMNS, ""), []
        for name, cell in zip(names, cells, strict=True):
            try:
                values[name] = _text(cell)
            except ValueError as fault:
                faults.append(f"{name} {fault}")
        yield Row(line, values | _place(shape, faults), tuple(faults))


def _place(shape: Any, faults: list[str]) -> dict[str, str]:
    if shape is None or shape.is_empty:
        faults.append("the geometry is missing or empty")
    elif shape.geom_type != "Point":
        faults.append(f"the geometry is a {shape.geom_type}, not a Point")
    else:
        return {"lon": repr(float(shape.x)), "lat": repr(float(shape.y))}
    return {"lon": "", "lat": ""}


def _text(cell: Any) -> str:
    """As CSV would have it; ValueError for what is neither text, number, truth value nor time."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        if abs(cell) >= EXACT:
            raise ValueError("is a number too long to be exact; write it as text")
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, date):  # and datetime
        return cell.isoformat()
    if isinstance(cell, (int, Decimal)):
        return str(cell)
    raise ValueError("is neither text nor a number")


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0][:200]
