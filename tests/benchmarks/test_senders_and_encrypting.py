"""The figures' tools measure what they say: every request was answered, and every peer's rate is one."""

import os
import shutil

import pytest

from benchmarks import encrypting, senders
from benchmarks.receiver import receiving
from notifiers.sender import HttpClient


@pytest.mark.parametrize("client", list(HttpClient))
def test_a_sender_s_requests_are_all_answered(client):
    with receiving() as port:
        assert senders.sent(port, client, in_flight=4, requests=40) > 0


def test_a_receiver_that_is_away_is_no_figure():
    with receiving() as port:
        pass
    with pytest.raises(RuntimeError, match="connect"):
        senders.sent(port, HttpClient.PYREQWEST, in_flight=1, requests=1)


@pytest.mark.skipif(shutil.which("openssl") is None and not os.environ.get("CI"), reason="no openssl command")
def test_the_peers_of_encryption_are_measured_in_turns(monkeypatch):
    monkeypatch.setattr(encrypting, "ROUNDS", 1)
    monkeypatch.setattr(encrypting, "ROUND_S", 0.05)
    names = [row.name for row in encrypting.rows()]
    assert len(names) == len(set(names)) == 8
