"""Profiles: what each asks, with its source in the sentence, and whether that was checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from desk import NOW

from alerts import profile_rules
from alerts.commands.validate import PROFILES as OFFERED
from alerts.model import Alert, Area, Info, MsgType, Reference, Status
from alerts.profile_rules import PROFILES

SQUARE = ((-105.0, 39.0), (-104.0, 39.0), (-104.0, 40.0), (-105.0, 39.0))
CODES = (
    ("SAME", "CAE"),
    ("profile:CAP-CP:Event:0.4", "childAbd"),
    ("https://govshare.gov.au/xmlui/handle/10772/6495", "x"),
)
AREA = Area("x", (SQUARE,), geocodes=(("SAME", "008031"), ("profile:CAP-CP:Location:0.3", "3506")))
INFO = Info(
    event="Child Abduction", headline="h", description="d", instruction="i", response_types=("Monitor",), web="https://x.example",
    expires_at=NOW + timedelta(hours=1), sender_name="s", contact="c", event_codes=CODES, areas=(AREA,),
)  # fmt: skip
FRENCH = replace(INFO, language="fr-CA", event="Enlevement")
GOOD = Alert(
    "id", "duty@agency.example", NOW, Status.ACTUAL, MsgType.ALERT, infos=(INFO, FRENCH),
    codes=("IPAWSv1.0", "profile:CAP-CP:0.4", "urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0"),
)  # fmt: skip


def types(alert: Alert, name: str) -> set[str]:
    return {problem.type for problem in profile_rules.check(alert, [name])}


def about(**changes) -> Alert:
    return replace(GOOD, infos=(replace(INFO, **changes), replace(FRENCH, **changes)))


@pytest.mark.parametrize("name", PROFILES)
def test_a_message_that_meets_all_of_them_has_nothing_told(name: str) -> None:
    assert types(GOOD, name) == set()


@pytest.mark.parametrize(
    ("name", "alert", "expected"),
    [
        ("ipaws", replace(GOOD, codes=()), "ipaws-code-missing"),
        ("ipaws", replace(GOOD, msg_type=MsgType.UPDATE), "ipaws-references-missing"),
        ("ipaws", about(expires_at=None), "ipaws-expires-missing"),
        ("ipaws", about(event_codes=()), "ipaws-eventCode-SAME"),
        ("ipaws", about(event_codes=(("SAME", "CAE"), ("SAME", "ADR"))), "ipaws-eventCode-SAME"),
        ("ipaws", about(event_codes=(("SAME", "abduction"),)), "ipaws-eventCode-SAME"),
        (
            "ipaws",
            replace(GOOD, infos=(INFO, replace(INFO, event_codes=(("SAME", "ADR"),)))),
            "ipaws-eventCode-differs",
        ),
        ("ipaws", replace(GOOD, infos=(INFO, replace(INFO, category=("Met",)))), "ipaws-category-differs"),
        ("ipaws", about(areas=()), "ipaws-area-missing"),
        ("ipaws", about(areas=(Area("x", (SQUARE,)),)), "ipaws-geocode-SAME"),
        ("ipaws", about(effective_at=NOW), "ipaws-effective-ignored"),
        ("ipaws", about(instruction=None), "ipaws-instruction-missing"),
        ("cap-cp", replace(GOOD, codes=("IPAWSv1.0",)), "cap-cp-code-missing"),
        ("cap-cp", replace(GOOD, infos=()), "cap-cp-info-missing"),
        ("cap-cp", about(event_codes=(("SAME", "CAE"),)), "cap-cp-eventCode-missing"),
        ("cap-cp", about(areas=(Area("x", (SQUARE,)),)), "cap-cp-geocode-missing"),
        ("cap-cp", about(areas=()), "cap-cp-area-missing"),
        ("cap-cp", replace(GOOD, infos=(INFO,)), "cap-cp-languages"),
        ("cap-cp", about(sender_name=None), "cap-cp-senderName-missing"),
        ("cap-au", replace(GOOD, codes=()), "cap-au-code-missing"),
        ("cap-au", about(event_codes=()), "cap-au-eventCode-missing"),
        ("cap-au", replace(about(effective_at=NOW), msg_type=MsgType.CANCEL), "cap-au-effective-in-cancel"),
        ("cap-au", replace(GOOD, infos=(INFO, replace(INFO, event="Flood"))), "cap-au-event-differs"),
        ("cap-au", replace(GOOD, sender="agency"), "cap-au-sender-address"),
        ("google", about(description=None), "google-description-missing"),
        ("google", about(urgency="Unknown"), "google-urgency-unknown"),
        ("google", about(event="e" * 35), "google-event-too-long"),
        ("google", about(areas=(Area("x"),)), "google-area-unplaced"),
        ("google", about(areas=(Area("x" * 50, (SQUARE,)),)), "google-areaDesc-too-long"),
        ("google", about(web=None), "google-web-missing"),
        ("google", replace(GOOD, status=Status.TEST), "google-not-shown"),
    ],
)
def test_what_a_profile_asks_is_named(name: str, alert: Alert, expected: str) -> None:
    assert expected in types(alert, name)


def test_a_rule_that_was_not_checked_says_so_and_a_checked_one_cites_its_section() -> None:
    said = {p.type: p.message for p in profile_rules.check(about(web=None, description=None), ["google"])}
    assert "unchecked" in said["google-web-missing"]
    assert said["google-description-missing"].endswith(
        "(Google Public Alerts, CAP requirements, entity info, description)"
    )


def test_every_rule_cites_a_document_and_has_a_name_of_its_own() -> None:
    every = [rule for profile in PROFILES.values() for rule in profile.rules]
    assert len({rule.type for rule in every}) == len(every)
    assert all("," in rule.source for rule in every)
    assert all(rule.type.startswith(f"{name}-") for name, profile in PROFILES.items() for rule in profile.rules)


def test_the_command_offers_all_of_them() -> None:
    assert tuple(PROFILES) == OFFERED


def test_references_meet_what_is_asked_of_an_update() -> None:
    update = replace(GOOD, msg_type=MsgType.UPDATE, references=(Reference("s", "i", NOW),))
    assert types(update, "ipaws") == set()
