"""A partner's roll: what is taken, what is rejected and in which words."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from alerts import roll, roll_csv

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEADER = "person,lon,lat,radius_m,kind,number,at,language,channel,email,consent_how,consented_at,consent_words,test\n"
GOOD = "1,-121.5,38.6,,,,,es,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please,\n"


def read(text: str) -> list[roll.Person | roll.Rejected]:
    return list(roll.people(roll_csv.read(io.StringIO(text)), NOW))


def test_a_complete_row_is_a_person_with_one_place_and_one_endpoint():
    (person,) = read(HEADER + GOOD)
    assert (person.own_id, person.spots) == ("1", {("home", 0): roll.Spot(-121.5, 38.6, 0.0, None)})
    assert person.endpoints[0].address == {"email": "ana@example.org"}
    assert person.endpoints[0].consented_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)


def test_rows_with_the_same_key_are_one_person_with_several_endpoints():
    (person,) = read(HEADER + GOOD + GOOD.replace("email,ana@example.org", "inbox,"))
    assert [endpoint.channel for endpoint in person.endpoints] == ["email", "inbox"]


def test_rows_that_differ_in_their_place_are_one_person_at_several_places():
    follows = GOOD.replace("-121.5,38.6,,,,", "-105,39.7,250,followed,2,2020-01-01T00:00:00Z")
    device = GOOD.replace("-121.5,38.6,,,,", "-100,39.7,,device,,2026-04-30T12:00:00Z")
    (person,) = read(HEADER + GOOD + follows + device)
    assert person.spots["followed", 2] == roll.Spot(-105.0, 39.7, 250.0, datetime(2020, 1, 1, tzinfo=UTC))
    assert list(person.spots) == [("home", 0), ("followed", 2), ("device", 0)]
    assert len(person.endpoints) == 1


@pytest.mark.parametrize("column", ["person", "consent_how", "consented_at", "consent_words"])
def test_a_row_without_whom_how_when_or_which_words_is_rejected(column):
    names = HEADER.strip().split(",")
    row = GOOD.strip("\n").split(",")
    row[names.index(column)] = ""
    (rejected,) = read(HEADER + ",".join(row) + "\n")
    assert rejected == roll.Rejected(2, (f"{column} is missing",))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("-121.5", "nan", "lon is not a number from -180 to 180"),
        ("-121.5", "1_0", "lon is not a number from -180 to 180"),
        ("38.6", "91", "lat is not a number from -90 to 90"),
        ("38.6,", "38.6,-1", "radius_m is not a number from 0 to 50000"),
        ("38.6,,", "38.6,,work", "kind is not one of device, home, followed"),
        ("38.6,,,", "38.6,,followed,", "number is not 1 to 8 for followed"),
        ("38.6,,,", "38.6,,followed,9", "number is not 1 to 8 for followed"),
        ("38.6,,,", "38.6,,home,1", "number is not 0 or absent for home"),
        ("38.6,,,,", "38.6,,,,noon", "at is not an ISO 8601 time"),
        ("38.6,,,,", "38.6,,,,2026-01-02T03:04:05", "at has no offset"),
        ("38.6,,,,", "38.6,,,,2026-05-02T00:00:00Z", "at lies in the future"),
        (
            "38.6,,,,",
            "38.6,,device,,2026-04-29T00:00:00Z",
            "at lies so long ago that a place of kind device does not count any more",
        ),
        ("ana@example.org", "ana", "email is not an address"),
        ("email,", "pigeon,", "channel is not one of web_push, unified_push, email, sms, inbox"),
        ("ana@example.org", "", "email is missing, the channel email needs it"),
        ("+01:00", "", "consented_at has no offset"),
        ("2026-01", "2027-01", "consented_at lies in the future"),
        ("2026-01-02T03:04:05", "0001-01-01T00:00:00", "consented_at is not an ISO 8601 time"),
        (",es,", ",e$,", "language is not a BCP 47 tag"),
        (",es,", ",spanish,", "language is not a BCP 47 tag"),
        (",es,", ",xx,", "language is not a language of ISO 639"),
        (",es,", ",spa,", "language is not a BCP 47 tag: the code of this language is es"),
        ("Yes please,", "Yes please,maybe", "test is not yes or no"),
        ("Yes", "Y\0es", "consent_words holds a control character"),
        ("web form", "w" * 65, "consent_how is too long"),
    ],
)
def test_each_fault_is_named_in_words(old, new, reason):
    (rejected,) = read(HEADER + GOOD.replace(old, new))
    assert rejected.reasons == (reason,)


def test_all_faults_of_a_row_are_named_at_once_and_its_content_is_not_repeated():
    (rejected,) = read(HEADER + GOOD.replace("-121.5,38.6", "east,north").replace("Yes please", ""))
    assert len(rejected.reasons) == 3
    assert "east" not in " ".join(rejected.reasons)


def test_a_rejected_row_does_not_stop_the_next():
    kinds = [type(one) for one in read(HEADER + GOOD.replace("38.6", "99") + GOOD)]
    assert kinds == [roll.Rejected, roll.Person]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("38.6", "38.7", "lon, lat, radius_m or at differ from this person's row before, about the same place"),
        ("please,", "please,yes", "test differs from this person's row before"),
    ],
)
def test_a_row_that_contradicts_the_one_before_is_rejected(old, new, reason):
    rejected, person = read(HEADER + GOOD + GOOD.replace(old, new))
    assert rejected == roll.Rejected(3, (reason,))
    assert person.spots["home", 0].lat == 38.6


def test_a_language_is_kept_in_its_usual_case():
    (person,) = read(HEADER + GOOD.replace(",es,", ",ES-mx,"))
    assert person.endpoints[0].language == "es-MX"
