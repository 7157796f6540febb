"""What the machine could do at the best follows from rows that were measured, and from nothing else."""

from __future__ import annotations

import pytest

from benchmarks import fanout
from benchmarks.report import figure


def _rows(**values):
    names = ("key generation on P-256", "OpenSSL's ECDH on P-256", "wrk, 256 in flight")
    return {name: figure(name, value, "a second") for name, value in zip(names, values.values(), strict=False)}


def test_the_limit_is_what_two_cores_do_that_spend_the_least_on_every_push():
    assert fanout.limit(_rows(key=50_000.0, ecdh=25_000.0, wrk=100_000.0)) == pytest.approx(2 / 70e-6)


def test_without_all_of_its_parts_there_is_no_limit():
    assert fanout.limit(_rows(key=50_000.0, ecdh=25_000.0)) is None


def test_every_run_over_a_database_says_what_each_process_cost_and_held():
    sent = fanout.Sent(1_000, 0.2, 0.1, 0.5, {"workers": 0.3, "receiver": 0.1}, 80 * 2**20)
    rows = {row.name: row for row in (*fanout._rates(sent, sent, 4_000.0), *fanout._spent("SQLite", sent))}
    assert rows["whole path, PostgreSQL"].value == 2_000
    assert (rows["whole path by the limit"].value, rows["whole path by the limit"].reached) == (50, True)
    assert rows["CPU a push, SQLite, workers"].value == 300
