"""On the machine itself: the first administrator's link, and what nobody does alone in a live house."""

import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from alerts.cli import main


@pytest.fixture
def lookout(tmp_path):
    def run(*arguments, mode="live"):
        return CliRunner().invoke(main, [*arguments, "--data", str(tmp_path / mode), "--mode", mode])

    return run


def test_the_first_administrator_gets_a_link_and_no_password(lookout):
    said = lookout("administrator", "--url", "https://alerts.example")
    assert said.exit_code == 0
    assert re.search(r"https://alerts\.example/signin/[\w-]{43}$", said.output.strip())
    assert "password" not in said.output


def test_nobody_comes_back_who_was_never_there(lookout):
    assert lookout("administrator", "--again", "Eve").exit_code == 2


@pytest.mark.parametrize(
    "act",
    [("agency", "pd", "Example", "008031", "--sender", "a@pd.example"), ("officer", "Eve", "--operator")],
)
def test_in_a_live_house_nobody_alone_adds_agencies_or_people(lookout, act):
    refused = lookout(*act)
    assert refused.exit_code == 2
    assert "two administrators" in refused.output
    assert lookout(*act, mode="sandbox").exit_code == 0


def test_the_server_of_an_empty_live_house_prints_the_link_once_it_starts(tmp_path):
    command = [
        sys.executable,
        "-m",
        "alerts.cli",
        "serve",
        "--data",
        str(tmp_path / "d"),
        "--mode",
        "live",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as server:
        try:
            said = next((line for line in server.stderr if "nobody administers" in line), "")
        finally:
            server.terminate()
    assert re.search(r"/signin/[\w-]{43} \(works once\)", said)
