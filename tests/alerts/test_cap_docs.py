"""docs/cap.md names every fault of the corpus and every rule of the profiles."""

from __future__ import annotations

from pathlib import Path

from desk import FIXTURES

from alerts.profile_rules import PROFILES

TEXT = (Path(__file__).parents[2] / "docs" / "cap.md").read_text()


def test_every_type_of_the_corpus_is_told() -> None:
    types = {
        p.stem.partition("--")[0] for name in ("invalid", "bent", "odd") for p in (FIXTURES / "cap" / name).iterdir()
    }
    assert [one for one in types if f"`{one}`" not in TEXT] == []


def test_every_rule_stands_there_with_its_source() -> None:
    for rule in (rule for profile in PROFILES.values() for rule in profile.rules):
        mark = "checked" if rule.checked else "unchecked"
        assert f"| `{rule.type}` | {rule.severity} | {rule.source} | {mark} |" in TEXT
