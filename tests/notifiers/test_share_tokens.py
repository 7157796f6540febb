"""Tokens of shared links: they tell a depth to whoever holds the secret, and nothing to anybody else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers import attention
from notifiers.share_tokens import DEEPEST, depth_of, mint, mint_for_all, way_of
from notifiers.vault import Vault

SECRET, OTHERS, PAGE = b"s" * 64, b"o" * 64, "t0ken"
NOW = datetime(2026, 11, 22, 17, 20, 31, tzinfo=UTC)


def passed_on(times: int) -> str:
    token = ""
    for _ in range(times):
        token = mint(SECRET, PAGE, token)
    return token


@given(st.integers(1, 9))
def test_each_time_it_is_passed_on_a_link_is_one_further_until_the_last_that_is_counted(times):
    assert depth_of(SECRET, PAGE, passed_on(times)) == min(times, DEEPEST)


def test_every_share_has_another_token_which_nobody_without_the_secret_can_tell_from_a_deeper_one():
    tokens = {passed_on(1 + n % DEEPEST) for n in range(200)}
    assert len(tokens) == 200
    assert {len(token) for token in tokens} == {16}
    assert not any(depth_of(OTHERS, PAGE, token) for token in tokens)


def test_a_token_of_one_page_is_none_on_another():
    token = passed_on(3)
    assert depth_of(SECRET, "another", token) is None
    assert depth_of(SECRET, "another", mint(SECRET, "another", token)) == 1


@given(st.integers(0, 95))
def test_a_token_that_was_changed_anywhere_is_none(bit):
    whole = bytearray(base64.urlsafe_b64decode(passed_on(2)))
    whole[bit // 8] ^= 1 << bit % 8
    assert depth_of(SECRET, PAGE, base64.urlsafe_b64encode(whole).decode()) is None


@given(st.text(max_size=40) | st.text(alphabet="Aa0-_=", min_size=14, max_size=18))
def test_nothing_that_anybody_makes_up_is_a_depth(said):
    assert depth_of(SECRET, PAGE, said) is None
    assert way_of(SECRET, PAGE, said) in {*attention.NAMED, attention.OTHER}


@pytest.mark.parametrize("claimed", attention.SHARES)
def test_a_link_cannot_claim_how_far_it_came(claimed):
    assert way_of(SECRET, PAGE, claimed) == attention.OTHER


def test_it_is_counted_by_what_the_token_says_and_a_medium_by_its_name():
    said = ["push", passed_on(1), passed_on(2), passed_on(8), ""]
    assert [way_of(SECRET, PAGE, one) for one in said] == ["push", "share", "share2", "share4", "other"]


def test_a_page_without_script_has_one_for_everybody_and_another_each_minute():
    tokens = [mint_for_all(SECRET, PAGE, NOW + timedelta(seconds=after)) for after in (0, 20, 40)]
    assert tokens[0] == tokens[1] != tokens[2]
    assert {depth_of(SECRET, PAGE, token) for token in tokens} == {1}


def test_two_servers_of_a_house_read_each_others_tokens(tmp_path):
    from notifiers.share_tokens import secret_of

    token = mint(secret_of(Vault(tmp_path)), PAGE)
    assert depth_of(secret_of(Vault(tmp_path)), PAGE, token) == 1
