import json

import pytest
from cast import DENVER, FAR_AWAY

from alerts import tables
from alerts.errors import Refused
from alerts.service import judging, reach


def test_the_preview_counts_by_channel_and_language(house, make_square):
    house.enrol([DENVER, DENVER], "inbox", language="es")
    house.enrol([DENVER, FAR_AWAY], "email")
    seen = reach.preview(house.services, make_square(0.2), status="Exercise", officer=house.submitter)
    assert (seen.reach.recipients, seen.reach.by_channel, seen.reach.by_language) == (
        3,
        {"inbox": 2, "email": 1},
        {"es": 2, "en": 1},
    )


def test_the_preview_is_the_reach_of_the_submission(house, make_square, submitted):
    house.enrol([DENVER] * 7)
    seen = reach.preview(house.services, make_square(0.2), status="Exercise")
    assert submitted().reach == seen.reach.recipients == 7


def test_an_area_beyond_the_jurisdiction_is_said(house, make_square):
    seen = reach.preview(house.services, make_square(0.2, (-111.9, 40.7)), officer=house.submitter)
    assert [problem.type for problem in seen.problems] == ["area-jurisdiction"]


@pytest.mark.parametrize(
    "drawn",
    [
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"same": ["999999"]},
        {"same": "008031"},
        {"circles": [{"lon": 500, "lat": 0, "radius_m": 1}]},
        {"geojson": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
        {"geojson": {"type": "Polygon", "coordinates": "x" * 100}},
        {"nonsense": 1},
        {"type": ["list"]},
    ],
)
def test_an_area_that_is_none_is_refused_with_reasons(house, drawn):
    with pytest.raises(Refused) as refused:
        reach.preview(house.services, drawn)
    assert refused.value.problems


def judged(house, document):
    body = json.dumps(document).encode()
    return judging.judge(house.services, house.submitter, body, "application/json", judging.Asked())


def test_checking_a_document_stores_nothing(house, make_record):
    house.enrol([DENVER])
    verdict, found = judged(house, make_record())
    assert (verdict.outcome, found.recipients) == ("valid", 1)
    assert house.rows(tables.message) == []


def test_checking_names_the_faults_instead_of_raising(house, make_record):
    verdict, _ = judged(house, make_record(ncic=None, area={"same": ["049035"]}))
    assert {problem.severity for problem in verdict.problems} >= {"error"}
