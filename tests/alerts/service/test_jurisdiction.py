"""An alert stays where its agency may alert: what sticks out is named and drawn, unless a neighbour consented."""

import json
from dataclasses import replace

import pytest
from cast import BOTH, DENVER, record, square

from alerts import roster
from alerts.agencies import Use
from alerts.errors import Conflict, NotAllowed, NotFound, Refused
from alerts.outside import SticksOut
from alerts.service import decide, neighbours, repeating, submit
from alerts.service.drafting import read_document
from alerts.service.neighbours import Asked
from alerts.tables import audit
from geo.shapes import from_geojson
from notifiers.tables import notice
from notifiers.transactions import writing

BORDER = (-109.05, 39.5)  # of Colorado and Utah: half of a square around it lies in Grand County, UT
OVER = {"area": {"geojson": square(0.2, BORDER)}}
UTAHS = from_geojson(square(0.3, (-109.2015, 39.5)))  # the strip of Utah along it, well inside


def send(house, **changes):
    body = json.dumps(record(**changes)).encode()
    read = read_document(house.services, house.submitter, body, "application/json")
    return submit.submit(house.services, house.submitter, read)


def fault(house, **changes) -> SticksOut:
    with pytest.raises(Refused) as refused:
        send(house, **changes)
    return next(one for one in refused.value.problems if isinstance(one, SticksOut))


def consent(house, area=None, days=7):
    return neighbours.give(house.services, house.stranger, Asked("CBI", area, days))


def test_what_sticks_out_is_named_and_measured(house):
    found = fault(house, **OVER)
    assert found.type == "area-jurisdiction"
    assert "Grand County, UT" in found.message
    assert "49% of it" in found.message
    assert "km²" in found.message


def test_what_sticks_out_is_drawn(client, house):
    answer = client.post("/v1/alerts", json=record(**OVER), headers=house.headers("submitter"))
    assert answer.status_code == 422
    [problem] = [one for one in answer.json()["problems"] if one["type"] == "area-jurisdiction"]
    part = from_geojson(problem["drawing"]["features"][0]["geometry"])
    west, _, east, _ = part.bounds[0]
    assert west == pytest.approx(-109.15)
    assert east == pytest.approx(-109.05, abs=0.01)


def test_the_sea_is_named_by_the_nearest_city(house):
    with writing(house.services.engine) as connection:
        roster.set_jurisdiction(connection, house.submitter.agency.id, house.services.gazetteer.get("006000"))
    found = fault(house, area={"geojson": square(0.5, (-123.2, 37.7))})
    assert "no county that is known here" in found.message


@BOTH
def test_a_neighbours_consent_lets_it_in_wholly(house):
    consent(house)
    left = send(house, **OVER)
    assert decide.approve(house.services, house.approver, left.id, left.content_hash).notice_id


def test_a_consent_for_an_area_lets_in_that_area(house):
    consent(house, UTAHS)
    assert send(house, **OVER).id
    found = fault(house, area={"geojson": square(1.2, BORDER)})
    assert "Uintah County, UT" in found.message


@pytest.mark.parametrize("how", ["revoked", "expired", "left"])
def test_a_consent_that_counts_no_more_stops_the_approval(house, how):
    made = consent(house, UTAHS)
    left = send(house, **OVER)
    if how == "revoked":
        neighbours.revoke(house.services, house.stranger, made)
    if how == "left":  # its area lies in the giver's jurisdiction no more
        with writing(house.services.engine) as connection:
            roster.set_jurisdiction(connection, house.stranger.agency.id, house.services.gazetteer.get("049035"))
    if how == "expired":
        neighbours.revoke(house.services, house.stranger, made)
        short = consent(house, UTAHS, days=1)
        assert short
        house.clock.pass_time(days=1, minutes=1)
    with pytest.raises(Conflict) as refused:
        decide.approve(house.services, house.approver, left.id, left.content_hash)
    if how != "expired":
        assert "Grand County, UT" in refused.value.problems[0].message
    assert house.rows(notice) == []


def test_a_jurisdiction_that_shrank_stops_the_approval_and_the_repeat(house):
    one, two = send(house), send(house, case_number="EX-2")
    decide.approve(house.services, house.approver, one.id, one.content_hash)
    with writing(house.services.engine) as connection:
        roster.set_jurisdiction(connection, house.submitter.agency.id, house.services.gazetteer.get("008077"))
    with pytest.raises(Conflict, match="leaves your jurisdiction"):
        decide.approve(house.services, house.approver, two.id, two.content_hash)
    house.clock.pass_time(hours=2)
    with pytest.raises(Conflict, match="leaves your jurisdiction"):
        repeating.repeat(house.services, house.submitter, one.id)


def test_nobody_consents_to_what_is_not_theirs(house):
    with pytest.raises(Refused) as refused:
        consent(house, from_geojson(square(0.2, DENVER)))
    assert "Denver County, CO" in refused.value.problems[0].message


def test_every_fault_of_a_consent_is_named(house):
    with pytest.raises(Refused) as refused:
        neighbours.give(house.services, house.stranger, Asked("nobody", None, 0))
    assert {one.type for one in refused.value.problems} == {"days.range", "to.unknown"}


def test_only_who_gave_it_revokes_a_consent(house):
    made = consent(house)
    with pytest.raises(NotFound):
        neighbours.revoke(house.services, house.approver, made)
    assert house.rows(audit)[-1].action == "give_consent"


def test_a_drill_gives_no_real_consent(house):
    house.stranger = replace(house.stranger, use=Use.DRILL)
    with pytest.raises(NotAllowed):
        consent(house)


def test_consents_over_the_api(client, house):
    body = {"to": "CBI", "days": 3, "area": {"geojson": square(0.2, (-109.25, 39.5))}}
    made = client.post("/v1/consents", json=body, headers=house.headers("stranger"))
    assert made.status_code == 201, made.text
    [seen] = client.get("/v1/consents", headers=house.headers("submitter")).json()
    assert (seen["by_agency"], seen["counts"]) == ("Utah Example", True)
    gone = client.delete(f"/v1/consents/{seen['id']}", headers=house.headers("stranger"))
    assert gone.status_code == 204
    assert client.get("/v1/consents", headers=house.headers("submitter")).json()[0]["counts"] is False
