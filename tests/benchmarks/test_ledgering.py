"""The ledger's benchmark in small: every figure is there, and the row-per-recipient table is really slower to write."""

from __future__ import annotations

from benchmarks import ledgering


def test_a_small_run_gives_every_figure(monkeypatch):
    for name, value in (("TURNS", 4), ("BATCHES_WRITTEN", 3)):
        monkeypatch.setattr(ledgering, name, value)
    rows = list(ledgering.sqlite_rows(40_000))
    assert [row.name.partition(": ")[2].split(",")[0] for row in rows] == [
        "a million recipients added",
        "times less written than a row a recipient",
        "bytes written a recipient",
        "one-row updates committed",
        "batches claimed by one worker",
        "recipients checkpointed by one worker",
        "times less written than a row a recipient",
        "totals for a dashboard",
    ]
    assert all(row.value > 0 for row in rows)
    assert all(row.value > 1 for row in rows if row.name.startswith("ledger on sqlite: times less"))
