"""Area blocks to the one area of an alert: unions, what counts beside what, and refusal by name."""

from __future__ import annotations

import pytest
from desk import FIXTURES

from alerts import area
from alerts.model import Area
from geo.shapes import Circle

SQUARE = ((-105.0, 39.0), (-104.0, 39.0), (-104.0, 40.0), (-105.0, 40.0), (-105.0, 39.0))
DENVER = ("SAME", "008031")
CIRCLE = Circle(-100.0, 35.0, 5_000.0)


def test_a_code_is_the_boundary_of_its_county(gazetteer) -> None:
    placed = area.place([Area("Denver", geocodes=(DENVER,))], gazetteer)
    assert placed.shape is not None
    assert placed.shape.digest() == gazetteer.get("08031").digest()


def test_a_code_beside_a_polygon_does_not_widen_it(gazetteer) -> None:
    drawn = area.place([Area("x", (SQUARE,))], gazetteer).shape
    both = area.place([Area("x", (SQUARE,), geocodes=(DENVER, ("SAME", "000000")))], gazetteer).shape
    assert drawn is not None
    assert both is not None
    assert both.digest() == drawn.digest()


def test_blocks_and_their_parts_are_a_union(gazetteer) -> None:
    blocks = [Area("x", (SQUARE,), (CIRCLE,)), Area("y", geocodes=(("FIPS", "06037"), DENVER))]
    placed = area.place(blocks, gazetteer)
    assert placed.shape is not None
    assert placed.shape.circles == (CIRCLE,)
    parts = [gazetteer.get("06037").polygons, gazetteer.get("08031").polygons, area.place([Area("x", (SQUARE,))], gazetteer).shape.polygons]  # fmt: skip
    assert all(placed.shape.polygons.covers(part.buffer(-1e-6)) for part in parts)


def test_the_languages_of_a_message_name_one_area(read, sample, gazetteer) -> None:
    alert = read(sample("oasis-cap-1.2-a4-amber.xml"), "application/cap+xml").alert
    placed = area.effective(alert, gazetteer)
    assert len(alert.areas) == 2
    assert placed.shape is not None
    assert placed.shape.digest() == gazetteer.get("06037").digest()


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (Area("nowhere"), "area-unplaced"),
        (Area("zone", geocodes=(("UGC", "CAZ041"),)), "geocode-unknown"),
        (Area("sea", geocodes=(("SAME", "075610"),)), "geocode-unknown"),
        (Area("part", geocodes=(("SAME", "106037"),)), "geocode-unknown"),
        (Area("nation", geocodes=(("SAME", "000000"),)), "geocode-unknown"),
        (Area("good and bad", geocodes=(DENVER, ("SAME", "nonsense"))), "geocode-unknown"),
        (Area("point", circles=(Circle(0.0, 0.0, 0.0),)), "area-zero-area"),
        (Area("bow tie", ((SQUARE[0], SQUARE[2], SQUARE[1], (-105.0, 39.5), SQUARE[0]),)), "area-self-crossing"),
        (Area("json", geometry={"type": "Point"}), None),
    ],
)
def test_one_part_that_cannot_be_placed_leaves_no_area_at_all(gazetteer, block: Area, expected: str | None) -> None:
    placed = area.place([Area("fine", (SQUARE,)), block], gazetteer)
    assert placed.shape is None
    assert expected is None or expected in {problem.type for problem in placed.problems}
    assert placed.problems


def test_no_block_is_no_area(gazetteer) -> None:
    placed = area.place([], gazetteer)
    assert (placed.shape, [p.type for p in placed.problems]) == (None, ["area-missing"])


def test_faults_carry_xpaths_in_messages_and_pointers_in_records(read, record, gazetteer) -> None:
    record["area"] = {"same": ["006067", "006999"]}
    assert [p.path for p in area.effective(read(record).alert, gazetteer).problems] == ["/area/same/1"]
    body = (FIXTURES / "alerts" / "cap_county.xml").read_bytes().replace(b"006067", b"006999")
    alert = read(body, "application/cap+xml").alert
    assert [p.path for p in area.effective(alert, gazetteer).problems] == [
        "/cap:alert/cap:info[1]/cap:area[1]/cap:geocode[1]"
    ]


RING = (*((-105 + x / 1e5, 39.0) for x in range(60_000)), (-104.0, 40.0), (-105.0, 39.0))
TOO_MUCH = {
    "positions of several blocks": [Area("x", (RING,)), Area("y", (RING,))],
    "circles": [Area("x", circles=tuple(Circle(-105.0, 39 + n / 1e4, 1.0) for n in range(1_001)))],
    "parts of several kinds": [Area("x", (SQUARE,) * 600, (CIRCLE,) * 300), Area("y", (SQUARE,) * 101)],
    "places": [Area("x", geocodes=tuple(("SAME", f"0{n:05}") for n in range(501)))],
}


@pytest.mark.parametrize("blocks", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_together_is_refused_before_any_of_it_is_placed(blocks: list[Area]) -> None:
    placed = area.place(blocks, gazetteer=None)  # nobody is asked for a place
    assert [(p.type, p.severity) for p in placed.faults] == [("area-too-large", "error")]


def test_parts_that_are_small_alone_may_be_too_large_together(gazetteer) -> None:
    wide = [Circle(float(lon), 0.0, 2_400_000.0) for lon in (-90, 0, 90)]
    assert area.place([Area("one", circles=(wide[0],))], gazetteer).shape is not None
    both = area.place([Area("all", circles=tuple(wide[:1])), Area("b", circles=tuple(wide[1:]))], gazetteer)
    assert [problem.type for problem in both.faults] == ["area-too-large"]


def test_a_repair_is_told_beside_the_area_and_refuses_nothing(gazetteer) -> None:
    open_ring = {"type": "Polygon", "coordinates": [[list(one) for one in (*SQUARE[:-1], SQUARE[3])]]}
    placed = area.place([Area("x", geometry=open_ring)], gazetteer)
    assert placed.shape is not None
    assert placed.shape.digest() == area.place([Area("x", (SQUARE,))], gazetteer).shape.digest()
    told = [(problem.type, problem.severity.value) for problem in placed.problems]
    assert told == [("area-closed", "warning"), ("area-repeated", "advice")]


def test_an_area_of_a_few_square_metres_is_doubted_aloud(gazetteer) -> None:
    placed = area.place([Area("x", circles=(Circle(-105.0, 39.0, 1.0),))], gazetteer)
    assert placed.shape is not None
    assert [(problem.type, problem.severity.value) for problem in placed.problems] == [("area-tiny", "warning")]
