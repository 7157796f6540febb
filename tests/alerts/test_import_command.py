"""`lookout import-users` and `lookout partner`, as they are called."""

from __future__ import annotations

import itertools
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from alerts import imports, partners
from alerts.cli import main
from alerts.database import make_engine
from alerts.roll import NotARoll
from alerts.roll_csv import CsvRoll
from alerts.settings import Settings
from notifiers.tables import recipient
from notifiers.transactions import reading

HEADER = "person,lon,lat,channel,email,consent_how,consented_at,consent_words,colour\n"
ANA = "1,-121.5,38.6,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please,red\n"
BEN = ANA.replace("1,", "2,", 1).replace("ana@", "ben@")


@pytest.fixture
def call(tmp_path):
    def lookout(*arguments):
        return CliRunner().invoke(main, [*map(str, arguments), "--data", str(tmp_path / "data"), "--mode", "sandbox"])

    return lookout


@pytest.fixture
def people(tmp_path):
    """How many are enrolled."""

    def count():
        engine = make_engine(Settings(data=tmp_path / "data").engine_url)
        with reading(engine) as connection:
            found = connection.scalar(select(func.count()).select_from(recipient))
        engine.dispose()
        return found

    return count


@pytest.fixture
def write(tmp_path):
    def write_text(text, name="roll.csv"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write_text


def test_a_roll_is_enrolled_and_its_faults_are_written_beside_it(call, people, write, tmp_path):
    done = call("import-users", write(HEADER + ANA + BEN.replace("38.6", "99")), "--partner", "Example")
    assert done.exit_code == 0
    assert "1 people with 1 subscriptions enrolled, 0 brought up to date, 1 rejected" in done.output
    assert "not read: colour" in done.output
    said = (tmp_path / "roll.rejected.csv").read_text()
    assert said.splitlines() == ["line,reasons", "3,lat is not a number from -90 to 90"]
    assert people() == 1


def test_a_quote_that_is_not_closed_is_named_and_nobody_is_enrolled(call, people, write, monkeypatch):
    monkeypatch.setattr(imports, "BLOCK", 1)
    done = call("import-users", write(HEADER + ANA + BEN.replace("Yes", '"Yes')), "--partner", "Example")
    assert done.exit_code == 2
    assert "line 3 is not CSV: a quote is opened here" in done.output
    assert "nobody was enrolled" in done.output
    assert people() == 0


def test_a_file_that_breaks_off_in_the_middle_says_that_who_stands_before_is_enrolled(call, people, write, monkeypatch):
    def breaking(self):
        yield from itertools.islice(whole(self), 2)
        raise NotARoll("row 3 cannot be read")

    whole = CsvRoll.rows
    monkeypatch.setattr(imports, "BLOCK", 1)
    monkeypatch.setattr(CsvRoll, "rows", breaking)
    done = call("import-users", write(HEADER + ANA + BEN), "--partner", "Example")
    assert done.exit_code == 2
    assert (
        "row 3 cannot be read; who stands before it is enrolled, and the same file mended doubles nobody" in done.output
    )
    assert people() == 1


def test_geojson_is_told_by_its_name(call, people, write):
    row = dict(zip(HEADER.strip().split(","), ANA.strip().split(","), strict=True))
    point = {"type": "Point", "coordinates": [float(row.pop("lon")), float(row.pop("lat"))]}
    features = [{"type": "Feature", "geometry": point, "properties": row}]
    file = write(json.dumps({"type": "FeatureCollection", "features": features}), "roll.geojson")
    for expected in (
        "1 people with 1 subscriptions enrolled, 0 brought",
        "0 people with 0 subscriptions enrolled, 1 brought",
    ):
        assert expected in call("import-users", file, "--partner", "Example").output
    assert people() == 1


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 65])
def test_a_partner_that_is_none_is_refused(call, write, name):
    done = call("import-users", write(HEADER + ANA), "--partner", name)
    assert (done.exit_code, partners.NAMES_ARE in done.output) == (2, True)


def test_a_partners_key_is_issued_once_listed_without_it_and_revoked(call):
    key = call("partner", "create", "Example App").output.rpartition(": ")[2].strip()
    assert key.startswith(partners.PREFIX)
    call("partner", "create", "Example App", "--days", "30")
    listed = call("partner", "list").output
    assert key not in listed
    assert [line.split("\t")[1] for line in listed.splitlines()] == ["Example App"] * 2
    assert "good until it is revoked" in listed.splitlines()[0]
    assert call("partner", "revoke", 1).output == "key 1 is revoked\n"
    assert "revoked 2" in call("partner", "list").output.splitlines()[0]
    assert call("partner", "revoke", 1).exit_code == call("partner", "revoke", 9).exit_code == 2


def test_a_partner_without_a_proper_name_gets_no_key(call):
    done = call("partner", "create", "<b>")
    assert (done.exit_code, "lkp_" in done.output) == (2, False)
