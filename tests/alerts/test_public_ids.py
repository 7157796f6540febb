"""Names that the outside calls things of ours by."""

from __future__ import annotations

from alerts import public_ids
from alerts.public_ids import new_public_id


def test_none_begins_like_an_option_or_a_formula(monkeypatch):
    made = iter(["-" + "a" * 21, "--" + "b" * 20, "_" + "c" * 21])
    monkeypatch.setattr(public_ids.secrets, "token_urlsafe", lambda _size: next(made))
    assert new_public_id() == "_" + "c" * 21


def test_no_two_are_alike_and_urls_carry_them_as_they_are():
    made = {new_public_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(one.replace("-", "").replace("_", "").isalnum() and len(one) == 22 for one in made)
