"""The log of acts: whoever alters, removes, moves or cuts an entry is found out, and the entry is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from alerts import acting, audit, audit_heads, evidence, tables
from alerts.audit import BrokenChain
from alerts.audit_chain import GENESIS, Entry, Head, check, digest, sign
from alerts.cli import main
from alerts.service.end import always
from notifiers.transactions import reading, writing

NOW = datetime(2026, 1, 16, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def chain(length: int) -> list[Entry]:
    entries, previous = [], GENESIS
    for n in range(1, length + 1):
        detail = json.dumps({"reach": n})
        entry = Entry(
            n, NOW + timedelta(minutes=n), f"officer:{n % 3}", "local", "edit", n, None, detail, previous, b""
        )
        previous = digest(entry)
        entries.append(replace(entry, hash=previous))
    return entries


def head_of(entry: Entry) -> Head:
    head = Head(entry.number, entry.hash, entry.at)
    return replace(head, signature=sign(KEY, head))


def named(entries: list[Entry], heads: list[Head]) -> list[tuple[str, int]]:
    return [(breach.what, breach.number) for breach in check(entries, heads, KEY.public_key())]


LENGTHS = st.integers(2, 30)
ALTERED = st.sampled_from(
    [{"actor": "officer:9"}, {"detail": "{}"}, {"incident_id": 99}, {"source": "elsewhere"}, {"action": "approve"},
     {"at": NOW}, {"message_id": 7}, {"hash": bytes(32)}]
)  # fmt: skip


@given(LENGTHS)
def test_a_whole_log_is_whole(length):
    entries = chain(length)
    assert named(entries, [head_of(entries[-1]), head_of(entries[0])]) == []


@given(st.data(), LENGTHS, ALTERED)
def test_an_altered_entry_is_named(data, length, change):
    entries = chain(length)
    at = data.draw(st.integers(0, length - 1))
    entries[at] = replace(entries[at], **change)
    assert ("altered", at + 1) in named(entries, [])


@given(st.data(), LENGTHS)
def test_an_entry_altered_with_a_hash_of_its_own_is_found_by_the_next_or_by_a_head(data, length):
    entries = chain(length)
    at = data.draw(st.integers(0, length - 1))
    forged = replace(entries[at], actor="officer:9")
    heads = [head_of(entries[-1])]
    entries[at] = replace(forged, hash=digest(forged))
    assert named(entries, heads) in ([("moved", at + 2)], [("rewritten", length)])


@given(st.data(), st.integers(3, 30))
def test_removed_entries_are_named(data, length):
    entries = chain(length)
    first = data.draw(st.integers(0, length - 2))
    last = data.draw(st.integers(first, length - 2))
    [breach] = check(entries[:first] + entries[last + 1 :], [], KEY.public_key())
    assert (breach.what, breach.number) == ("removed", first + 1)
    assert str(last + 1) in breach.said


@given(st.data(), st.integers(3, 30))
def test_entries_that_changed_places_are_named(data, length):
    entries = chain(length)
    at = data.draw(st.integers(0, length - 2))
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    assert {number for _, number in named(entries, [])} & {at + 1, at + 2}
    one, other = chain(length)[at : at + 2]  # and where their numbers are changed as well
    swapped = [replace(other, number=one.number), replace(one, number=other.number)]
    assert ("altered", at + 1) in named(chain(length)[:at] + swapped + chain(length)[at + 2 :], [])


@given(st.data(), LENGTHS)
def test_an_end_cut_off_is_named_from_its_first_entry(data, length):
    entries = chain(length)
    left = data.draw(st.integers(0, length - 1))
    assert named(entries[:left], [head_of(entries[-1])]) == [("cut", left + 1)]


@given(st.data(), LENGTHS)
def test_a_log_written_anew_with_right_hashes_is_found_by_its_head(data, length):
    entries, heads = chain(length), [head_of(chain(length)[-1])]
    previous = GENESIS
    for n, entry in enumerate(entries):
        forged = replace(entry, actor="officer:7", previous=previous)
        previous = digest(forged)
        entries[n] = replace(forged, hash=previous)
    assert named(entries, heads) == [("rewritten", length)]


def test_a_head_of_another_key_counts_for_nothing_and_is_told():
    entries = chain(3)
    other = Ed25519PrivateKey.generate()
    head = Head(9, bytes(32), NOW)
    assert named(entries, [replace(head, signature=sign(other, head))]) == [("head", 9)]


@pytest.fixture
def log(services):
    with writing(services.engine) as connection:
        for n in range(1, 4):
            audit.write(connection, "officer:1", "approve", services.clock(), incident_id=n, detail={"reach": n})
    return services.engine


def test_an_untouched_log_verifies(log):
    with reading(log) as connection:
        assert audit.verify(connection) == 3


@pytest.mark.parametrize("change", [{"actor": "officer:2"}, {"detail": "{}"}, {"incident_id": 9}, {"source": None}])
def test_a_changed_row_is_found(log, change):
    with writing(log) as connection:
        connection.execute(update(tables.audit).where(tables.audit.c.id == 2).values(**change))
        with pytest.raises(BrokenChain) as found:
            audit.verify(connection)
    assert found.value.audit_id == 2


def test_a_row_cut_out_is_found(log):
    with writing(log) as connection:
        connection.execute(delete(tables.audit).where(tables.audit.c.id == 2))
        with pytest.raises(BrokenChain) as found:
            audit.verify(connection)
    assert found.value.audit_id == 2


def test_what_was_undone_leaves_no_row_and_no_gap(services):
    class Undone(Exception):
        pass

    with pytest.raises(Undone), writing(services.engine) as connection:
        audit.write(connection, audit.SYSTEM, "expire", services.clock())
        raise Undone
    with writing(services.engine) as connection:
        audit.write(connection, audit.SYSTEM, "expire", services.clock())
        assert audit.newest(connection)[0] == audit.verify(connection) == 1


def test_an_entry_says_from_where_and_by_which_key(services):
    acting.begin("203.0.113.7")
    acting.proven_by("key", "lk_secret")
    with writing(services.engine) as connection:
        audit.write(connection, "officer:1", "edit", services.clock())
        [entry] = audit.entries(connection)
    assert entry.source.startswith("203.0.113.7 key:")
    assert "secret" not in entry.source


def test_the_head_is_signed_once_an_hour_and_kept_in_the_table_and_beside_it(services, log):
    def sign_at(minutes: int) -> Head | None:
        now = NOW + timedelta(minutes=minutes)
        return audit_heads.sign_hourly(log, services.vault, services.settings.data, now, always)

    first = sign_at(0)
    with writing(log) as connection:
        audit.write(connection, "officer:1", "edit", services.clock())
    assert (first.number, sign_at(59), sign_at(60).number, sign_at(180)) == (3, None, 4, None)
    kept = audit_heads.list_kept(services.settings.data)
    with reading(log) as connection:
        assert audit_heads.list_stored(connection) == kept
        assert audit.verify(connection, kept, audit_heads.signing_key(services.vault).public_key()) == 4


def test_who_may_not_sign_signs_nothing(services, log):
    assert audit_heads.sign_hourly(log, services.vault, services.settings.data, NOW, lambda _: False) is None


def test_an_end_cut_off_within_the_hour_is_found_by_the_file(services, log):
    audit_heads.Tail(log, services.vault, services.settings.data).keep(NOW)
    with writing(log) as connection:
        connection.execute(delete(tables.audit).where(tables.audit.c.id == 3))
    assert verified(services).output.startswith("cut: entry 3 is cut off")


def verified(services, *more: str):
    return CliRunner().invoke(main, ["audit", "verify", *more, "--data", str(services.settings.data)])


def test_the_command_says_whether_it_is_whole_and_names_what_is_not(services, log):
    assert "3 entries, whole" in verified(services).output
    with writing(log) as connection:
        connection.execute(update(tables.audit).where(tables.audit.c.id == 2).values(actor="officer:2"))
    broken = verified(services)
    assert (broken.exit_code, broken.output) == (1, "altered: entry 2 was altered\n")


@pytest.fixture
def exported(services, log, tmp_path):
    audit_heads.sign_hourly(log, services.vault, services.settings.data, NOW, always)
    file = tmp_path / "log.jsonl"
    done = CliRunner().invoke(main, ["audit", "export", "--out", str(file), "--data", str(services.settings.data)])
    assert done.exit_code == 0
    return file


def test_evidence_is_verified_without_the_database(services, exported, tmp_path):
    key = audit_heads.public_key(services.vault).hex()
    elsewhere = CliRunner().invoke(
        main, ["audit", "verify", str(exported), "--key", key, "--data", str(tmp_path / "no")]
    )
    assert elsewhere.output == "3 entries, whole; signed up to entry 3\n"
    assert verified(services, str(exported), "--key", "0" * 64).exit_code == 2


def test_evidence_that_was_touched_is_told(services, exported):
    lines = exported.read_text().splitlines()
    exported.write_text("\n".join([lines[0], lines[1], lines[3], *lines[4:]]))
    assert verified(services, str(exported)).output == "removed: entry 2 is missing\n"
    exported.write_text("\n".join([*lines[:2], lines[4]]))
    assert (
        verified(services, str(exported)).output
        == "cut: entries 2 to 3 are cut off: the log was that long at 2026-01-16 00:00:00\n"
    )


@given(st.lists(st.text(max_size=40), max_size=5))
def test_whatever_a_file_holds_it_is_evidence_or_none(lines):
    try:
        evidence.read(lines)
    except evidence.NoEvidence:
        return
    raise AssertionError("no key was in it")
