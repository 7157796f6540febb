"""`lookout canary`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from alerts.cli import main


@pytest.fixture
def canary(tmp_path):
    def call(*words: str) -> tuple[int, str]:
        told = CliRunner().invoke(main, ["canary", *words, "--data", str(tmp_path / "house"), "--mode", "sandbox"])
        return told.exit_code, told.output

    return call


def test_a_canary_is_added_listed_without_its_address_and_removed(canary):
    assert canary("add", "email", '{"email": "canary@example.org"}')[0] == 0
    code, text = canary("list")
    assert (code, text) == (0, "1\temail\tsmtp\tin use\n")
    assert canary("remove", "1")[0] == 0
    assert canary("list") == (0, "")


@pytest.mark.parametrize("address", ["{", "[]", '{"email": 1}', "{}"])
def test_what_is_no_address_is_refused(canary, address):
    assert canary("add", "email", address)[0] == 2
    assert canary("list") == (0, "")


def test_one_address_is_one_canary(canary):
    canary("add", "email", '{"email": "canary@example.org"}')
    code, text = canary("add", "email", '{"email": "canary@example.org"}')
    assert (code, "enrolled already" in text) == (2, True)


def test_a_canary_that_is_none_cannot_be_removed(canary):
    assert canary("remove", "7")[0] == 2
