"""`lookout feed` adds a source in a sandbox, shows how each does, and switches one off in any house."""

import pytest
from click.testing import CliRunner

from alerts.cli import main
from alerts.tables import audit


@pytest.fixture
def run(house):
    def told(*arguments: str):
        data = ["--data", str(house.services.settings.data), "--mode", "sandbox"]
        return CliRunner().invoke(main, ["feed", *arguments, *data])

    return told


def test_a_source_is_added_shown_asked_and_switched_off(house, run):
    assert run("add", "IPAWS", "https://feed.example/recent", "CBI", "--trust", "agency").exit_code == 0
    assert "IPAWS: new; Colorado Example; https://feed.example/recent" in run("list").output
    assert run("poll", "IPAWS").output == "IPAWS is asked next\n"
    assert run("disable", "IPAWS").exit_code == 0
    assert "state: switched off" in run("show", "IPAWS").output
    assert run("poll", "IPAWS").exit_code == 2
    assert run("enable", "IPAWS").exit_code == 0
    assert "approval by rule: off" in run("show", "IPAWS").output
    assert run("log", "IPAWS").output == ""
    assert {"feed_add", "feed_disable", "feed_enable"} <= {row.action for row in house.rows(audit)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "IPAWS", "ftp://feed.example", "CBI"), "url must be"),
        (("add", "IPAWS", "https://feed.example", "NOBODY"), "there is no agency"),
        (("add", "IPAWS", "https://feed.example", "CBI", "--interval-s", "1"), "interval_s must be"),
        (("show", "NOBODY"), "there is no source"),
    ],
)
def test_what_cannot_be_is_said(run, arguments, said):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert said in answer.output
