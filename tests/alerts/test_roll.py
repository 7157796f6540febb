"""A partner's roll: what is taken, what is rejected and in which words."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from alerts import roll

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEADER = "person,lon,lat,radius_m,language,channel,email,consent_how,consented_at,consent_words\n"
GOOD = "1,-121.5,38.6,,es,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"


def read(text: str) -> list[roll.Person | roll.Rejected]:
    return list(roll.read(io.StringIO(text), NOW))


def test_a_complete_row_is_a_person_with_one_endpoint():
    (person,) = read(HEADER + GOOD)
    assert (person.lon, person.lat, person.radius_m) == (-121.5, 38.6, 0.0)
    assert person.endpoints[0].address == {"email": "ana@example.org"}
    assert person.endpoints[0].consented_at == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)


def test_rows_with_the_same_key_are_one_person_with_several_endpoints():
    (person,) = read(HEADER + GOOD + GOOD.replace("email,ana@example.org", "inbox,"))
    assert [endpoint.channel for endpoint in person.endpoints] == ["email", "inbox"]


@pytest.mark.parametrize("column", ["consent_how", "consented_at", "consent_words"])
def test_a_row_without_how_when_or_which_words_is_rejected(column):
    names = HEADER.strip().split(",")
    row = GOOD.strip().split(",")
    row[names.index(column)] = ""
    (rejected,) = read(HEADER + ",".join(row) + "\n")
    assert rejected == roll.Rejected(2, (f"{column} is missing",))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("-121.5", "nan", "lon is not a number from -180 to 180"),
        ("38.6", "91", "lat is not a number from -90 to 90"),
        ("ana@example.org", "ana", "email is not an address"),
        ("email,", "pigeon,", "channel is not one of web_push, email, inbox"),
        (",email,ana@example.org", ",web_push,", "endpoint is missing, the channel web_push needs it"),
        ("+01:00", "", "consented_at has no offset"),
        ("2026-01", "2027-01", "consented_at lies in the future"),
        ("2026-01-02T03:04:05", "0001-01-01T00:00:00", "consented_at is not an ISO 8601 time"),
        ("es", "e$", "language is not a BCP 47 tag"),
    ],
)
def test_each_fault_is_named_in_words(old, new, reason):
    (rejected,) = read(HEADER + GOOD.replace(old, new))
    assert reason in rejected.reasons


def test_all_faults_of_a_row_are_named_at_once_and_its_content_is_not_repeated():
    (rejected,) = read(HEADER + GOOD.replace("-121.5,38.6", "east,north").replace("Yes please", ""))
    assert len(rejected.reasons) == 3
    assert "east" not in " ".join(rejected.reasons)


def test_a_rejected_row_does_not_stop_the_next():
    kinds = [type(one) for one in read(HEADER + GOOD.replace("38.6", "99") + GOOD)]
    assert kinds == [roll.Rejected, roll.Person]


def test_a_file_without_the_columns_is_no_roll():
    with pytest.raises(roll.NotARoll, match="consent_how"):
        read("lon,lat\n1,2\n")


@pytest.mark.parametrize("text", [b"\xff\xd8\xff", HEADER.encode() + b"\xff\n"])
def test_a_file_that_is_not_utf_8_is_no_roll(text):
    with pytest.raises(roll.NotARoll, match="UTF-8"):
        list(roll.read(io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline=""), NOW))
