"""`lookout validate`: many files in one call, a line of JSON each, and quick to begin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from desk import FIXTURES

from alerts.cli import main
from alerts.commands import validate

CAP = FIXTURES / "cap"


@pytest.fixture
def lookout():
    def run(*arguments: object):
        return CliRunner().invoke(main, ["validate", *map(str, arguments)])

    return run


def lines(answer) -> list[dict]:
    return [json.loads(line) for line in answer.output.splitlines()]


def test_each_file_gets_a_line_in_the_order_asked(lookout) -> None:
    files = [CAP / "valid" / "full.xml", CAP / "invalid" / "sent-missing.xml", CAP / "not_cap" / "gzip.xml"]
    found = lines(lookout(*files, "--json", "--policy", "core"))
    assert [one["file"] for one in found] == [str(file) for file in files]
    assert [one["outcome"] for one in found] == ["valid", "invalid", "not_cap"]
    assert set(found[1]) == {"file", "outcome", "problems"}
    assert set(found[1]["problems"][0]) == {"severity", "type", "path", "message"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("valid/full.xml", 0), ("odd/sent-utc-form.xml", 0), ("invalid/sent-missing.xml", 1), ("nowhere.xml", 2)],
)
def test_the_exit_code_tells_the_worst(lookout, name: str, code: int) -> None:
    assert lookout(CAP / "valid" / "full.xml", CAP / name, "--policy", "core").exit_code == code


def test_a_wrong_call_says_what_there_is(lookout) -> None:
    answer = lookout(CAP / "valid" / "full.xml", "--profile", "mars")
    assert answer.exit_code == 2
    assert "cap-cp" in answer.output


def test_profiles_may_be_asked_together(lookout) -> None:
    answer = lookout(
        CAP / "valid" / "full.xml", "--json", "--policy", "core", "--profile", "ipaws", "--profile", "google"
    )
    types = {problem["type"] for problem in lines(answer)[0]["problems"]}
    assert {"ipaws-code-missing", "google-description-missing"} <= types


def test_the_policies_differ_where_the_meaning_is_certain(lookout) -> None:
    bent = CAP / "bent" / "polygon-not-closed.xml"
    found = [
        lines(lookout(bent, "--json", "--policy", policy))[0]["outcome"] for policy in ("core", "import", "authority")
    ]
    assert found == ["invalid", "valid", "invalid"]


def test_a_record_goes_on_being_validated(lookout) -> None:
    found = lines(lookout(FIXTURES / "alerts" / "county.json", FIXTURES / "alerts" / "invalid_criteria.json", "--json"))
    assert [one["outcome"] for one in found] == ["valid", "invalid"]


def test_people_get_words(lookout) -> None:
    said = lookout(CAP / "invalid" / "polygon-swapped.xml", "--policy", "core").output
    assert "look swapped" in said
    assert "/cap:alert/cap:info[1]/cap:area[1]/cap:polygon[1]" in said


def test_a_file_of_any_size_is_answered(lookout, tmp_path: Path) -> None:
    large = tmp_path / "large.xml"
    with large.open("wb") as file:
        file.write((CAP / "valid" / "full.xml").read_bytes())
        file.truncate(100 << 20)
    (found,) = lines(lookout(large, "--json", "--policy", "core"))
    assert (found["outcome"], found["problems"][0]["type"]) == ("invalid", "document-too-large")


def test_real_messages_are_taken_as_imports_and_told_to_be_old(lookout, sample) -> None:
    sample("ipaws-signed-alert.xml")
    from desk import SAMPLES

    found = lines(lookout(*sorted(SAMPLES.glob("ipaws-*.xml")), "--json", "--policy", "import"))
    assert [one["outcome"] for one in found] == ["valid", "valid"]
    assert "sent-old" in {problem["type"] for problem in found[0]["problems"]}


def test_the_core_loads_neither_server_nor_store_nor_maps() -> None:
    code = (
        "import sys; from alerts.commands import validate; from alerts.problems import Policy;"
        "body = open(sys.argv[1], 'rb').read(); assert validate.check(body, (), Policy.CORE).outcome == 'valid';"
        "print([n for n in ('fastapi', 'sqlalchemy', 'pandas', 'pydantic', 'numpy', 'shapely') if n in sys.modules])"
    )
    path = str(CAP / "valid" / "geocode_only.xml")
    answer = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_bytes_are_told_apart_by_how_they_begin() -> None:
    assert validate.check(b'\xef\xbb\xbf {"x": 1}').problems[0].path.startswith("/")
    assert validate.check(b"not a document").outcome == "not_cap"
