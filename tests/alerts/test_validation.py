"""The rules: what each of them refuses, and that a good alert passes all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from desk import NOW

from alerts import validation
from alerts.model import Alert, Info, MsgType, Reference, Resource, Severity, Status
from alerts.programme import UK_CHILD_RESCUE, US_AMBER
from geo.shapes import from_circle

AREA = from_circle(-104.99, 39.74, 10_000)
INFO = Info(event="e", headline="h", expires_at=NOW + timedelta(hours=1))
ABOUT = (Reference("o", "p", NOW - timedelta(seconds=1)),)
GOOD = Alert("id", "sender@x", NOW, Status.ACTUAL, MsgType.ALERT, infos=(INFO,), imported=True)


def types(alert: Alert, policy: str = "import", **more) -> set[str]:
    given = {"programme": US_AMBER, "jurisdiction": None, "area": AREA, "now": NOW} | more
    return {p.type for p in validation.check(alert, policy=policy, **given)}


def about(**changes) -> Alert:
    return replace(GOOD, infos=(replace(INFO, **changes),))


def test_a_good_message_passes_every_policy() -> None:
    assert [types(GOOD, policy) for policy in validation.Policy] == [set(), set(), set()]


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        (replace(GOOD, identifier="a b"), "identifier-characters"),
        (replace(GOOD, sender="a,b"), "sender-characters"),
        (replace(GOOD, scope="Restricted"), "restriction-missing"),
        (replace(GOOD, scope="Private"), "addresses-missing"),
        (replace(GOOD, msg_type=MsgType.UPDATE), "references-missing"),
        (replace(GOOD, msg_type=MsgType.CANCEL), "references-missing"),
        (replace(GOOD, msg_type=MsgType.ACK), "references-missing"),
        (replace(GOOD, msg_type=MsgType.ERROR), "references-missing"),
        (replace(GOOD, references=(Reference("sender@x", "id", NOW),)), "references-self"),
        (replace(GOOD, references=(Reference("o", "p", NOW + timedelta(seconds=1)),)), "references-later"),
        (about(expires_at=NOW), "expires-before-sent"),
        (about(language="english please"), "language-malformed"),
        (about(web="javascript:alert(1)"), "web-scheme"),
        (about(web="/relative"), "web-scheme"),
        (about(web="https://[broken"), "web-scheme"),
        (about(resources=(Resource("x", "image/gif", uri="data:image/gif;base64,AAAA"),)), "uri-scheme"),
        (replace(GOOD, infos=()), "info-missing"),
    ],
)
def test_the_core_refuses(alert: Alert, expected: str) -> None:
    assert expected in types(alert, "core")
    assert expected in types(alert, "import")


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        (replace(GOOD, status=Status.DRAFT), "status-draft"),
        (replace(GOOD, msg_type=MsgType.ACK, references=ABOUT), "msgType-not-an-alert"),
        (replace(GOOD, scope="Private", addresses=("x",)), "scope-not-public"),
        (replace(GOOD, sent_at=NOW + timedelta(minutes=30)), "sent-future"),
        (replace(about(expires_at=NOW - timedelta(hours=1)), sent_at=NOW - timedelta(hours=2)), "expires-past"),
        (about(headline=None), "headline-missing"),
    ],
)
def test_what_is_right_by_the_standard_is_not_always_for_broadcasting(alert: Alert, expected: str) -> None:
    assert types(alert, "core") == set()
    assert expected in types(alert, "import")


def test_an_old_message_is_shown_to_whoever_approves() -> None:
    (problem,) = validation.check(replace(GOOD, sent_at=NOW - timedelta(hours=2)), US_AMBER, None, AREA, NOW, "import")
    assert (problem.type, problem.severity) == ("sent-old", Severity.WARNING)


def test_a_cancel_needs_neither_words_nor_area() -> None:
    about_it = (Reference("s", "i", NOW - timedelta(minutes=5)),)
    assert types(replace(GOOD, msg_type=MsgType.CANCEL, infos=(), references=about_it), area=None) == set()


def test_an_area_that_leaves_the_jurisdiction_is_refused(gazetteer) -> None:
    colorado, utah = gazetteer.get("08"), gazetteer.get("49")
    assert types(GOOD, jurisdiction=colorado) == set()
    assert types(GOOD, jurisdiction=utah) == {"area-jurisdiction"}


def checked(read, record, **more) -> set[tuple[str, Severity]]:
    given = {"programme": US_AMBER, "jurisdiction": None, "area": AREA, "now": NOW} | more
    return {(p.path, p.severity) for p in validation.check(read(record).alert, **given)}


def test_a_full_record_meets_the_criteria(read, record) -> None:
    record["status"] = "Actual"
    assert checked(read, record) == set()


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("attestation/abduction", False, "/attestation/abduction"),
        ("attestation/imminent_danger", False, "/attestation/imminent_danger"),
        ("children/0/age", 18, "/children/0/age"),
        ("children/0/age", None, "/children/0/age"),
        ("children/0/birth_date", "2008-01-15", "/children/0/age"),
        ("children/0/birth_date", "2026-02-01", "/children/0/birth_date"),
        ("abduction/at", "2026-01-17T15:40:00-07:00", "/abduction/at"),
        ("expires_at", "2026-02-16T00:00:00Z", "/expires_at"),
        ("expires_at", "2026-01-15T00:00:00Z", "/expires_at"),
    ],
)
def test_a_criterion_that_is_not_met_refuses(read, record, path: str, value, expected: str) -> None:
    *way, last = path.split("/")
    at = record
    for step in way:
        at = at[int(step)] if step.isdigit() else at[step]
    at[last] = value
    assert (expected, Severity.ERROR) in checked(read, record)


def test_there_must_be_something_to_look_for(read, record) -> None:
    record |= {"children": [{"name": "Robin Example", "age": 7}], "suspects": [], "vehicles": []}
    assert checked(read, record) == {("/children", Severity.ERROR)}


def test_ncic_is_asked_of_real_cases_and_mentioned_in_exercises(read, record) -> None:
    del record["ncic"]
    assert checked(read, record) == {("/ncic", Severity.WARNING)}
    record["status"] = "Actual"
    assert checked(read, record) == {("/ncic", Severity.ERROR)}


def test_a_programme_whose_rules_were_not_checked_drills_and_does_not_go_live(read, record) -> None:
    assert checked(read, record, programme=UK_CHILD_RESCUE) == set()
    record["status"] = "Actual"
    assert checked(read, record, programme=UK_CHILD_RESCUE) == {("/programme", Severity.ERROR)}


def test_errors_refuse_and_warnings_do_not() -> None:
    problems = validation.check(replace(GOOD, sent_at=NOW - timedelta(hours=2)), US_AMBER, None, AREA, NOW, "import")
    assert not validation.refuses(problems)
    assert validation.refuses(validation.check(about(web="x"), US_AMBER, None, AREA, NOW, "core"))
