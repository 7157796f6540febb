from __future__ import annotations

import time

import pytest

from notifiers.vault import MEMORY_S, Damaged, KeyGone, Vault


def test_what_is_sealed_opens_under_its_name(vault):
    vault.create("incident-1")
    assert vault.open("incident-1", vault.seal("incident-1", b"secret")) == b"secret"


def test_the_sealed_blob_does_not_hold_what_was_sealed(vault):
    vault.create("incident-1")
    assert b"a child" not in vault.seal("incident-1", b"a child" * 100)


def test_two_seals_of_the_same_content_differ(vault):
    vault.create("incident-1")
    assert vault.seal("incident-1", b"secret") != vault.seal("incident-1", b"secret")


def test_a_destroyed_key_opens_nothing_any_more_and_leaves_no_file(vault, tmp_path):
    vault.create("incident-1")
    blob = vault.seal("incident-1", b"secret")
    vault.destroy("incident-1")
    vault.destroy("incident-1")
    with pytest.raises(KeyGone):
        vault.open("incident-1", blob)
    assert not list((tmp_path / "keys").iterdir())
    assert not vault.exists("incident-1")


def test_another_process_forgets_a_destroyed_key_within_a_second(vault, tmp_path):
    vault.create("incident-1")
    other = Vault(tmp_path / "keys")
    blob = other.seal("incident-1", b"secret")
    vault.destroy("incident-1")
    time.sleep(MEMORY_S + 0.05)
    with pytest.raises(KeyGone):
        other.open("incident-1", blob)


def test_a_key_cannot_be_made_twice(vault):
    vault.create("incident-1")
    with pytest.raises(FileExistsError):
        vault.create("incident-1")
    assert vault.names() == ["incident-1"]


def test_a_blob_of_one_incident_does_not_open_as_another_s(vault):
    vault.create("one")
    vault.create("two")
    with pytest.raises(Damaged):
        vault.open("two", vault.seal("one", b"secret"))


@pytest.mark.parametrize(
    "harm", [lambda b: b[:-1], lambda b: b[:5], lambda b: b"", lambda b: b[:-1] + b"x", lambda b: b"\x02" + b[1:]]
)
def test_a_damaged_blob_is_named_so(vault, harm):
    vault.create("incident-1")
    with pytest.raises(Damaged):
        vault.open("incident-1", harm(vault.seal("incident-1", b"secret")))


@pytest.mark.parametrize("name", ["", "../escape", "a/b", ".hidden", "x" * 65])
def test_a_name_cannot_leave_the_directory(vault, name):
    with pytest.raises(ValueError, match="name"):
        vault.create(name)


def test_key_files_are_readable_by_their_owner_alone(vault, tmp_path):
    vault.create("incident-1")
    assert (tmp_path / "keys" / "incident-1").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_derived_secrets_stay_the_same_and_differ_by_purpose(vault, tmp_path):
    first = vault.derive("house", "addresses")
    assert Vault(tmp_path / "keys").derive("house", "addresses") == first
    assert vault.derive("house", "other") != first
    assert len(first) == 64
