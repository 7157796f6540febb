"""`POST /v1/people`: an app's own key, a phone's token, consent on record; everything that is wrong in one answer."""

from __future__ import annotations

import json

import pytest
from cast import DENVER, FAR_AWAY

from alerts import enrolment_body, partners
from geo import tables as geo_tables
from notifiers.tables import batch, left, recipient, subscription
from notifiers.transactions import writing

FCM, APPLE = "fcm-token:APA91b", "ab" * 32
PERSON = {
    "person": "u-1",
    "lon": DENVER[0],
    "lat": DENVER[1],
    "language": "es",
    "consent_how": "app, first start",
    "consented_at": "2020-01-01T12:00:00Z",
    "consent_words": "Tell me about missing children near me.",
}


@pytest.fixture
def key(house):
    with writing(house.services.engine) as connection:
        app = partners.add(connection, "Example App", house.clock())
        return {"Authorization": f"Bearer {partners.issue_key(connection, app.id, house.clock())}"}


@pytest.fixture
def enrol(client, key):
    def asked(**changes):
        body = {
            name: value for name, value in (PERSON | {"fcm": {"token": FCM}} | changes).items() if value is not None
        }
        return client.post("/v1/people", json=body, headers=key)

    return asked


def faults(answer):
    assert answer.status_code == 422
    return sorted(one["path"] for one in answer.json()["problems"])


@pytest.mark.parametrize(("channel", "token"), [("fcm", FCM), ("apns", APPLE)])
def test_an_app_signs_up_a_phone_with_the_consent_it_rests_on(enrol, house, channel, token):
    answer = enrol(**({"fcm": None} | {channel: {"token": token}}))
    assert (answer.status_code, answer.json()["refused"]) == (201, [])
    [row], [whose] = house.rows(subscription), house.rows(recipient)
    assert (row.channel, json.loads(row.address), row.language) == (channel, {"token": token}, "es")
    assert (row.consent_how, row.consent_words) == (PERSON["consent_how"], PERSON["consent_words"])
    assert (row.consented_at.year, row.confirmed_at is not None, whose.partner) == (2020, True, "Example App")


def test_one_person_may_have_both_phones_and_is_told_of_an_alert_on_each(enrol, house, in_force):
    assert enrol(apns={"token": APPLE}).status_code == 201
    in_force()
    assert sorted((row.channel, row.size) for row in house.rows(batch)) == [("apns", 1), ("fcm", 1)]
    assert len(house.rows(recipient)) == 1


def test_who_comes_into_an_alert_by_it_is_told_at_once(enrol, house, in_force):
    in_force()
    enrol()
    assert [row.channel for row in house.rows(batch)] == ["fcm"]


def test_with_the_answer_the_person_moves_and_leaves_for_good(enrol, client, house):
    mine = enrol().json()
    own = {"Authorization": f"Bearer {mine['id']}.{mine['token']}"}
    to = {"lon": FAR_AWAY[0], "lat": FAR_AWAY[1]}
    assert client.put(f"/v1/recipients/{mine['id']}/location", json=to, headers=own).status_code == 204
    assert client.delete(f"/v1/recipients/{mine['id']}", headers=own).status_code == 204
    assert house.rows(subscription) == house.rows(geo_tables.position) == []
    again = enrol()
    assert (again.status_code, "stays gone" in again.text) == (409, True)
    assert {row.channel for row in house.rows(left)} == {"fcm", "person"}


def test_the_same_person_again_is_brought_up_to_date(enrol, house):
    first, second = enrol(), enrol(language="en", apns={"token": APPLE}, lon=FAR_AWAY[0], lat=FAR_AWAY[1])
    assert (second.status_code, second.json()["token"]) == (200, None)
    assert second.json()["id"] == first.json()["id"]
    assert {row.channel: row.language for row in house.rows(subscription)} == {"fcm": "en", "apns": "en"}
    assert [(row.lon, row.lat) for row in house.rows(geo_tables.position)] == [FAR_AWAY]


def test_a_phone_that_is_another_persons_stays_theirs(enrol, house):
    enrol()
    answer = enrol(person="u-2")
    assert (answer.status_code, "another person" in answer.text) == (409, True)
    assert len(house.rows(recipient)) == 1


def test_everything_that_is_wrong_is_in_one_answer_and_nothing_is_stored(enrol, house):
    wrong = {"lon": 181, "lat": "40", "language": "xx-", "consented_at": "2999-01-01T00:00:00Z", "consent_words": None}
    answer = enrol(**wrong, test="yes", colour="red", fcm={"token": "short"}, apns={"token": "no hex"})
    paths = [
        "/apns/token",
        "/colour",
        "/consent_words",
        "/consented_at",
        "/fcm/token",
        "/language",
        "/lat",
        "/lon",
        "/test",
    ]
    assert sorted(set(faults(answer))) == paths
    assert house.rows(subscription) == house.rows(recipient) == []


@pytest.mark.parametrize("missing", ["person", "lon", "lat", "consent_how", "consented_at", "consent_words"])
def test_what_must_be_there_is_asked_for_where_it_is_missing(enrol, missing):
    assert faults(enrol(**{missing: None})) == [f"/{missing}"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"fcm": None}, ""),
        ({"fcm": {}}, "/fcm"),
        ({"fcm": {"token": FCM, "key": "x"}}, "/fcm"),
        ({"fcm": "token"}, "/fcm"),
        ({"person": 17}, "/person"),
        ({"person": "a\0b"}, "/person"),
        ({"lon": True}, "/lon"),
        ({"number": 1.0}, "/number"),
        ({"kind": "work"}, "/kind"),
        ({"at": "yesterday"}, "/at"),
    ],
)
def test_a_member_that_is_none_is_named(enrol, change, path):
    assert faults(enrol(**change)) == [path]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"lon": NaN}', '{"lon": 1, "lon": 2}', '"x"'])
def test_what_is_no_object_is_refused(client, key, body):
    assert client.post("/v1/people", content=body, headers=key).status_code == 422


def test_only_a_partner_may_enrol(client, house):
    for headers in ({}, house.headers("operator"), {"Authorization": "Bearer lkp_1_" + "x" * 43}):
        assert client.post("/v1/people", json=PERSON, headers=headers).status_code in {401, 403}
    assert house.rows(subscription) == []


def test_the_example_is_accepted(client, key):
    assert client.post("/v1/people", json=dict(enrolment_body.EXAMPLE), headers=key).status_code == 201
