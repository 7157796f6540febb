"""`lookout demo --once --json`: the whole job on real input, judged at the receivers, in one object."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cast import FIXTURES, record
from lxml import etree
from server import CHANNELS, ROOT, lookout

OASIS_AMBER = ROOT.parent / "shared" / "data" / "cap" / "oasis-cap-1.2-a4-amber.xml"
COUNTS = ("expected", "matched", "planned", "sent", "failed", "in_doubt", "duplicates", "lost")
MEMBERS = {"ok", "population", *COUNTS, "channels", "first_delivery_s", "last_delivery_s", "page", "cap"}
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
RIM = [(177.0, -19.0), (182.0, -19.0), (182.0, -15.5), (177.0, -15.5), (177.0, -19.0)]
HOLE = [(177.2, -18.3), (177.8, -18.3), (177.8, -17.7), (177.2, -17.7), (177.2, -18.3)]
AREAS = {
    "over the antimeridian, with a hole and a circle": {
        "geojson": {"type": "Polygon", "coordinates": [RIM, HOLE]},
        "circles": [{"lon": -179.2, "lat": -19.5, "radius_m": 60000}],
    },
    "in the empty ocean": {"circles": [{"lon": -124.0, "lat": -48.0, "radius_m": 40000}]},
}


@pytest.fixture
def play(tmp_path):
    """Plays a demo to its end with a temporary folder of its own; the report, after what holds for every one."""

    def once(*arguments: str):
        done = lookout("demo", "--once", "--json", *arguments, TMPDIR=str(tmp_path), within_s=100.0)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert done.stdout.count("\n") == 1
        served_exactly(told)
        return told

    return once


def served_exactly(told) -> None:
    """Everyone whom brute force expects, on every channel, each once, and in the sum."""
    assert told.keys() >= MEMBERS
    assert told["channels"].keys() == set(CHANNELS)
    for line in (told, *told["channels"].values()):
        assert line["expected"] == line["matched"] == line["planned"] == line["sent"] > 0
        assert line["failed"] == line["in_doubt"] == line["duplicates"] == line["lost"] == 0
    assert all(told[name] == sum(line[name] for line in told["channels"].values()) for name in COUNTS)
    assert told["ok"] is True
    assert 0 <= told["first_delivery_s"] <= told["last_delivery_s"]


def cap_of(told):
    """The CAP message beside the report: an exercise of this minute."""
    message = etree.parse(told["cap"]).getroot()
    assert message.tag == f"{CAP}alert"
    assert message.findtext(f"{CAP}status") == "Exercise"
    sent_at = datetime.fromisoformat(message.findtext(f"{CAP}sent"))
    assert abs(datetime.now(UTC) - sent_at) < timedelta(minutes=2)
    return message


def as_file(directory: Path, area) -> str:
    file = directory / "alert.json"
    file.write_text(json.dumps(record(area=area)))
    return str(file)


def test_the_demos_own_alert_is_delivered_to_everyone_expected_and_its_page_and_cap_are_kept(play):
    told = play("--population", "1500")
    assert told["population"] == 1500
    assert "Robin Example" in Path(told["page"]).read_text()
    assert cap_of(told).findall(f".//{CAP}polygon")


def test_the_amber_example_of_the_cap_standard_is_delivered(play):
    if not OASIS_AMBER.exists():
        pytest.skip("the official example is not part of this repository and not beside it")
    told = play("--population", "600", "--alert", str(OASIS_AMBER))
    message = cap_of(told)
    assert "006037" in message.xpath("//*[local-name()='geocode']/*[local-name()='value']/text()")


@pytest.mark.parametrize("where", AREAS)
def test_an_alert_is_delivered_whatever_the_form_and_place_of_its_area(play, tmp_path, where):
    told = play("--population", "400", "--alert", as_file(tmp_path, AREAS[where]))
    assert cap_of(told).findall(f".//{CAP}area")


@pytest.mark.parametrize(
    ("name", "reason"), [("invalid_unknown_county.json", "999"), ("invalid_self_crossing.json", "cross")]
)
def test_an_area_that_cannot_be_placed_is_said_and_nothing_is_started(name, reason):
    done = lookout("demo", "--once", "--json", "--alert", str(FIXTURES / "alerts" / name))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "area" in done.stderr
    assert reason in done.stderr


def test_a_taken_port_is_said_and_how_to_choose_another():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = lookout("demo", "--population", "200", PORT=port)
    assert done.returncode == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert "PORT=" in done.stderr
    assert "Traceback" not in done.stderr
