"""A roll as GeoJSON or GeoParquet: the geometry says where, the same rules as for CSV say the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from alerts import roll, roll_geo
from alerts.roll_geo import GeoRoll

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ANA = {
    "person": "007",
    "channel": "email",
    "email": "ana@example.org",
    "consent_how": "web form",
    "consented_at": "2026-01-02T03:04:05+01:00",
    "consent_words": "Yes please",
}
POINT = {"type": "Point", "coordinates": [-121.5, 38.6]}


def feature(geometry=POINT, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": ANA | properties}


@pytest.fixture
def write(tmp_path):
    def write_features(*features, name="roll", **more):
        path = tmp_path / f"{name}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)} | more))
        return path

    return write_features


@pytest.fixture
def parquet(write, tmp_path):
    """The same features as GeoParquet."""
    pytest.importorskip("pyarrow", reason="GeoParquet is an extra")

    def write_parquet(*features, crs=None, **columns):
        import geopandas

        frame = geopandas.read_file(write(*features, name="source"), datetime_as_string=True).assign(**columns)
        frame = frame if crs is None else frame.to_crs(crs)
        frame.to_parquet(tmp_path / "roll.parquet")
        return tmp_path / "roll.parquet"

    return write_parquet


def people(path):
    return list(roll.people(GeoRoll(path).rows(), NOW))


def check(found) -> None:
    [person] = found
    assert person.own_id == "007"
    assert person.spots == {("home", 0): roll.Spot(-121.5, 38.6, 0.0, None)}
    assert person.endpoints[0].address == {"email": "ana@example.org"}
    assert person.endpoints[0].consented_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)


def test_a_point_with_its_properties_is_a_person(write, parquet):
    check(people(write(feature())))
    check(people(parquet(feature())))


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "the geometry is missing or empty"),
        ({"type": "Point", "coordinates": []}, "the geometry is missing or empty"),
        ({"type": "MultiPoint", "coordinates": [[1, 2]]}, "the geometry is a MultiPoint, not a Point"),
        ({"type": "LineString", "coordinates": [[1, 2], [2, 3]]}, "the geometry is a LineString, not a Point"),
        ({"type": "Point", "coordinates": [38.6, -121.5]}, "lat is not a number from -90 to 90"),
    ],
)
def test_a_geometry_that_is_no_place_is_named_with_its_row(write, parquet, geometry, reason):
    for path in (write(feature(), feature(geometry)), parquet(feature(), feature(geometry))):
        found = people(path)
        assert [one.line for one in found if isinstance(one, roll.Rejected)] == [2]
        assert reason in next(one.reasons for one in found if isinstance(one, roll.Rejected))


def test_faults_of_the_properties_are_named_as_in_csv(write, parquet):
    wrong = feature(channel="pigeon", consented_at="2026-01-02T03:04:05", consent_words=None, language="xx")
    for path in (write(wrong), parquet(wrong)):
        [rejected] = people(path)
        assert set(rejected.reasons) == {
            "consent_words is missing",
            "channel is not one of web_push, unified_push, email, sms, inbox, fcm, apns",
            "consented_at has no offset",
            "language is not a language of ISO 639",
        }


def test_a_time_without_offset_is_not_given_that_of_its_neighbours(write):
    found = people(write(feature(), feature(person="2", consented_at="2026-01-02T03:04:05")))
    assert [type(one) for one in found] == [roll.Rejected, roll.Person]


@pytest.mark.parametrize("own_ids", [[17, 18], [17, None, 18], ["17", 18]])
def test_whole_numbers_stay_whole_numbers(write, parquet, own_ids):
    features = [feature(person=own_id, test=True, radius_m=250) for own_id in own_ids]
    paths = [write(*features)] + ([parquet(*features)] if all(isinstance(one, int) for one in own_ids) else [])
    for path in paths:
        found = [one for one in people(path) if isinstance(one, roll.Person)]
        assert [(one.own_id, one.test) for one in found] == [("17", True), ("18", True)]
        assert found[0].spots["home", 0].radius_m == 250.0


def test_a_number_that_a_reader_made_inexact_is_refused(write):
    long = [feature(person=own_id) for own_id in (9_007_199_254_740_993, None)]
    found = people(write(*long))
    assert any("person is a number too long to be exact; write it as text" in one.reasons for one in found)
    assert all(isinstance(one, roll.Rejected) for one in found)


def test_long_numbers_are_exact_where_the_file_keeps_them(parquet):
    import pandas as pd

    path = parquet(feature(), feature(), person=pd.array([9_007_199_254_740_993, None], "Int64"))
    assert [one.own_id for one in people(path) if isinstance(one, roll.Person)] == ["9007199254740993"]


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4269", "EPSG:32610"])
def test_positions_that_are_not_wgs_84_are_refused_with_the_name_of_what_they_are(write, parquet, crs):
    member = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}}
    for path in (write(feature(), crs=member), parquet(feature(), crs=crs)):
        with pytest.raises(roll.NotARoll, match=r"the positions are in '.*'; they must be WGS 84"):
            people(path)


def test_a_file_that_hides_where_its_numbers_are_is_refused(parquet):
    import geopandas

    path = parquet(feature())
    geopandas.read_parquet(path).set_crs(None, allow_override=True).to_parquet(path)
    with pytest.raises(roll.NotARoll, match="does not say its coordinate system"):
        people(path)


def test_wgs_84_by_its_other_name_is_taken(write, parquet):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    check(people(write(feature(), crs=crs)))
    check(people(parquet(feature(), crs="OGC:CRS84")))


def test_points_in_arrows_own_encoding_are_read(parquet):
    import geopandas

    path = parquet(feature())
    geopandas.read_parquet(path).to_parquet(path, geometry_encoding="geoarrow")
    check(people(path))


def test_a_position_that_stands_there_twice_is_refused(write):
    with pytest.raises(roll.NotARoll, match="not beside it: lon, lat"):
        people(write(feature(lon=1, lat=2)))


def test_properties_that_are_missing_everywhere_are_named(write, parquet):
    bare = {"type": "Feature", "geometry": POINT, "properties": {"person": "1", "colour": "red"}}
    for path in (write(bare), parquet(bare)):
        with pytest.raises(roll.NotARoll, match="missing: channel, consent_how, consented_at, consent_words"):
            people(path)


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "a,b\n1,2\n", '<?xml version="1.0"?><OGRVRTDataSource/>'])
@pytest.mark.parametrize("suffix", [".geojson", ".json", ".parquet"])
def test_what_is_neither_is_no_roll(tmp_path, text, suffix):
    path = tmp_path / f"roll{suffix}"
    path.write_text(text)
    with pytest.raises(roll.NotARoll):
        people(path)


def test_parquet_without_geometry_is_no_roll(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow", reason="GeoParquet is an extra")
    pandas.DataFrame([ANA]).to_parquet(tmp_path / "roll.parquet")
    with pytest.raises(roll.NotARoll, match="without GeoParquet's metadata"):
        people(tmp_path / "roll.parquet")


def test_without_pyarrow_the_extra_is_named(parquet, monkeypatch):
    path = parquet(feature())
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(roll.NotARoll, match=r"install lookout\[geoparquet\]"):
        people(path)


def test_blocks_are_one_roll(write, parquet, monkeypatch):
    monkeypatch.setattr(roll_geo, "GEOJSON_BLOCK", 3)
    monkeypatch.setattr(roll_geo, "BLOCK", 3)
    features = [feature(person=str(n), email=f"p{n}@example.org") for n in range(10)]
    for path in (write(*features), parquet(*features)):
        source = GeoRoll(path)
        assert [(row.line, row.cells["person"]) for row in source.rows()] == [(n + 1, str(n)) for n in range(10)]
        assert (source.done, source.total) == (10, 10)


def test_no_features_are_nobody(write):
    assert people(write()) == []


def test_properties_that_mean_nothing_are_noted(write):
    source = GeoRoll(write(feature(colour="red")))
    list(source.rows())
    assert source.unused == ("colour",)
