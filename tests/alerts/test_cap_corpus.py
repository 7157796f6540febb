"""The corpus in fixtures/cap: each file has the one fault that its name says; what comes before -- is the type."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk import FIXTURES
from lxml import etree

from alerts import cap, checking
from alerts.cap_elements import VERSIONS
from alerts.problems import Policy

CORPUS = FIXTURES / "cap"
NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
EVERY = sorted(CORPUS.rglob("*.xml"))


def files(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).iterdir())


def fault(path: Path) -> str:
    return path.stem.partition("--")[0]


def types(path: Path, policy: Policy) -> set[tuple[str, str]]:
    return {(p.severity.value, p.type) for p in cap.read(path.read_bytes(), policy=policy).problems}


def core(path: Path) -> checking.Verdict:
    return checking.check_cap(path.read_bytes(), now=NOW, policy=Policy.CORE)


@pytest.mark.parametrize("path", files("invalid"), ids=fault)
def test_what_is_refused_always_is_named_and_nothing_else_is(path: Path) -> None:
    found = core(path)
    assert found.outcome == "invalid"
    assert {(p.severity.value, p.type) for p in found.problems} == {("error", fault(path))}


@pytest.mark.parametrize("path", files("bent"), ids=fault)
def test_what_leaves_the_meaning_certain_is_forgiven_to_imports_only(path: Path) -> None:
    assert types(path, Policy.IMPORT) == {("warning", fault(path))}
    assert types(path, Policy.CORE) == types(path, Policy.AUTHORITY) == {("error", fault(path))}
    assert cap.read(path.read_bytes(), policy=Policy.IMPORT).alert is not None


@pytest.mark.parametrize("path", files("odd"), ids=fault)
def test_what_the_schema_allows_and_an_authority_does_better_is_told(path: Path) -> None:
    assert types(path, Policy.AUTHORITY) == {("error", fault(path))}
    assert types(path, Policy.CORE) == types(path, Policy.IMPORT) == {("warning", fault(path))}


@pytest.mark.parametrize("path", files("valid"), ids=lambda path: path.stem)
def test_what_is_right_has_nothing_told_of_it(path: Path) -> None:
    found = core(path)
    assert (found.outcome, found.problems) == ("valid", ())


@pytest.mark.parametrize("path", files("not_cap"), ids=lambda path: path.stem)
def test_what_is_no_cap_gets_an_answer(path: Path) -> None:
    found = core(path)
    assert (found.outcome, found.alert) == ("not_cap", None)
    assert found.problems


def test_many_faults_are_all_named_at_once() -> None:
    wanted = {
        "sender-missing", "sent-no-offset", "status-unknown", "language-malformed", "hurry-unexpected", "web-scheme",
        "size-negative", "polygon-self-crossing", "circle-out-of-range", "ceiling-below-altitude",
        "restriction-missing", "references-missing",
    }  # fmt: skip
    assert {problem.type for problem in core(CORPUS / "many_faults.xml").problems} == wanted


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_path_leads_to_one_place_in_the_document(path: Path) -> None:
    problems = cap.read(path.read_bytes(), policy=Policy.AUTHORITY).problems
    if any(problem.path == "/" for problem in problems):
        return  # of the document as a whole
    root = etree.fromstring(path.read_bytes())
    namespace = etree.QName(root).namespace
    for problem in problems:
        found = root.xpath(problem.path, namespaces={"cap": namespace} if namespace in VERSIONS else {"cap": "x"})
        assert found, problem
        assert len(found) == 1 or path.stem.startswith("status-repeated"), problem


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_problem_is_a_sentence(path: Path) -> None:
    for policy in Policy:
        for problem in cap.read(path.read_bytes(), policy=policy).problems:
            assert len(problem.message.split()) > 2
            assert "invalid" not in problem.type


def test_old_versions_say_the_same(tmp_path: Path) -> None:
    new, old, oldest = (core(CORPUS / "valid" / f"{name}.xml").alert for name in ("full", "cap_1_1", "cap_1_0"))
    assert new is not None
    assert old is not None
    assert oldest is not None
    assert new.infos[0].areas == old.infos[0].areas == oldest.infos[0].areas
    assert new.infos[0].event_codes == old.infos[0].event_codes == oldest.infos[0].event_codes
