"""The profiles that are known here, with what each of them demands and where that is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from alerts.model import Alert, MsgType
from alerts.problems import Problem, Severity
from alerts.profiles import (
    Profile,
    Profiles,
    at_most,
    differs,
    drawn,
    event_code,
    geocode,
    has_area,
    has_code,
    has_info,
    has_references,
    info_has,
    info_lacks,
    known,
    no_zero_circle,
    placed,
    rules,
    same_event,
    same_in_all,
    sender_is_address,
    short_areas,
    shown_to_public,
    two_languages,
)

ERROR, WARNING, ADVICE = Severity.ERROR, Severity.WARNING, Severity.ADVICE
ANY = re.compile(r".+", re.DOTALL)
SAME = re.compile("SAME")
_NOW = "an alert of IPAWS is in force from when it is issued, and this is passed over"

_IPAWS = "CAP-v1.2-IPAWS-Profile-v1.0 (OASIS, 13 October 2009)"
IPAWS = Profile(
    "ipaws",
    "US Integrated Public Alert and Warning System, version 1.0",
    "https://docs.oasis-open.org/emergency/cap/v1.2/ipaws-profile/v1.0/cap-v1.2-ipaws-profile-v1.0.html",
    (
        *rules(ERROR, _IPAWS, (
            ("ipaws-code-missing", "code", has_code("IPAWSv1.0")),
            ("ipaws-references-missing", "references", has_references),
            ("ipaws-expires-missing", "expires", info_has("expires_at", "expires", "IPAWS asks when it ends")),
            ("ipaws-eventCode-SAME", "eventCode", event_code(
                SAME, re.compile("[A-Z0-9]{3}"), "of the name SAME with its three letters, such as CAE", once=True)),
            ("ipaws-category-differs", "info", same_in_all("category", "category")),
            ("ipaws-eventCode-differs", "info", same_in_all("event_codes", "eventCode")),
            ("ipaws-area-missing", "area", has_area),
        )),
        *rules(WARNING, _IPAWS, (
            ("ipaws-geocode-SAME", "geocode", geocode(
                SAME, re.compile("[0-9]{6}"), "of the name SAME with six digits, such as 006037")),
            ("ipaws-description-missing", "description", info_has("description", "description", "say what happened")),
            ("ipaws-instruction-missing", "instruction", info_has("instruction", "instruction", "say what to do")),
        )),
        *rules(ADVICE, _IPAWS, (
            ("ipaws-effective-ignored", "effective", info_lacks("effective_at", "effective", _NOW)),
            ("ipaws-onset-ignored", "onset", info_lacks("onset_at", "onset", _NOW)),
        )),
    ),
)  # fmt: skip

_CP = "CAP-CP Introduction and Rule Set, Beta 0.4"
CAP_CP = Profile(
    "cap-cp",
    "Canadian Profile of the Common Alerting Protocol, 1.0 beta 0.4",
    "https://www.publicsafety.gc.ca/cnt/rsrcs/pblctns/capcp-ntro-rl-st/index2-en.aspx",
    (
        *rules(ERROR, _CP, (
            ("cap-cp-eventCode-differs", "rule 2, one subject event", same_in_all("event_codes", "eventCode")),
            ("cap-cp-code-missing", "rule 3, version", has_code("profile:CAP-CP:", prefix=True)),
            ("cap-cp-info-missing", "rule 5, info", has_info),
            ("cap-cp-eventCode-missing", "rule 8, eventCode", event_code(
                re.compile(r"profile:CAP-CP:Event:[0-9.]+", re.IGNORECASE), ANY, "of the name profile:CAP-CP:Event:0.4")),
            ("cap-cp-geocode-missing", "rule 9, geocode", geocode(
                re.compile(r"profile:CAP-CP:Location:[0-9.]+", re.IGNORECASE), ANY,
                "of the name profile:CAP-CP:Location:0.3")),
            ("cap-cp-area-missing", "rule 10, area", has_area),
            ("cap-cp-references-missing", "rule 12, references", has_references),
        )),
        *rules(WARNING, _CP, (
            ("cap-cp-expires-missing", "rule 13, expires", info_has("expires_at", "expires", "say when it ends")),
            ("cap-cp-senderName-missing", "rule 14, senderName", info_has(
                "sender_name", "senderName", "say in words who alerts")),
            ("cap-cp-responseType-missing", "rule 15, responseType", info_has(
                "response_types", "responseType", "say what kind of action is asked")),
            ("cap-cp-instruction-missing", "rule 15, instruction", info_has("instruction", "instruction", "say what to do")),
        )),
        *rules(ADVICE, _CP, (
            ("cap-cp-languages", "rule 6, language", two_languages("en", "fr")),
            ("cap-cp-shape-missing", "rule 18, polygon and circle", drawn),
        )),
    ),
)  # fmt: skip

_AU = "CAP-AU-STD, edxl-cap1.2-au-v1.0-cs02 (OASIS, 5 September 2013)"
_AU_EVENTS = re.compile(r"https?://(www\.)?govshare\.gov\.au/.+|https?://.*AUeventLIST.*", re.IGNORECASE)
CAP_AU = Profile(
    "cap-au",
    "Common Alerting Protocol, Australia profile, version 1.0",
    "https://docs.oasis-open.org/emergency/edxl-cap1.2-au/v1.0/edxl-cap1.2-au-v1.0.html",
    (
        *rules(ERROR, _AU, (
            ("cap-au-code-missing", "code", has_code("urn:oasis:names:tc:emergency:cap:1.2:profile:CAP-AU:1.0")),
            ("cap-au-info-missing", "msgType", has_info),
            ("cap-au-references-missing", "references", has_references),
            ("cap-au-category-differs", "info", same_in_all("category", "category")),
            ("cap-au-eventCode-differs", "info", same_in_all("event_codes", "eventCode")),
            ("cap-au-eventCode-missing", "eventCode", event_code(
                _AU_EVENTS, ANY, "of the authorised list (AUeventLIST)", once=True)),
            ("cap-au-event-differs", "event", same_event),
            ("cap-au-effective-in-cancel", "effective", info_lacks(
                "effective_at", "effective", "it is not for a Cancel", frozenset({MsgType.CANCEL}))),
            ("cap-au-area-missing", "area", has_area),
        )),
        *rules(WARNING, _AU, (
            ("cap-au-expires-missing", "expires", info_has("expires_at", "expires", "say when it ends")),
            ("cap-au-senderName-missing", "senderName", info_has("sender_name", "senderName", "say in words who alerts")),
            ("cap-au-responseType-missing", "responseType", info_has(
                "response_types", "responseType", "say what kind of action is asked")),
            ("cap-au-instruction-missing", "instruction", info_has("instruction", "instruction", "say what to do")),
        )),
        *rules(ADVICE, _AU, (
            ("cap-au-sender-address", "sender", sender_is_address),
            ("cap-au-shape-missing", "area", drawn),
        )),
    ),
)  # fmt: skip

_GOOGLE = "Google Public Alerts, CAP requirements"
GOOGLE = Profile(
    "google",
    "Google Public Alerts",
    "https://developers.google.com/public-alerts/reference/google-cap-requirements",
    (
        *rules(ERROR, _GOOGLE, (
            ("google-references-missing", "event changes or expiration", has_references),
            ("google-info-missing", "entity info", has_info),
            ("google-expires-missing", "entity info, expires", info_has("expires_at", "expires", "Google requires it")),
            ("google-description-missing", "entity info, description", info_has(
                "description", "description", "Google requires it")),
            ("google-area-missing", "entity info, area", has_area),
            ("google-area-unplaced", "entity area", placed),
            ("google-urgency-unknown", "entity info, urgency", known("urgency")),
            ("google-severity-unknown", "entity info, severity", known("severity")),
            ("google-certainty-unknown", "entity info, certainty", known("certainty")),
        ), checked=True),
        *rules(ERROR, _GOOGLE, (
            ("google-web-missing", "CAP v1.0, web", info_has("web", "web", "Google asks for a page to link to")),
            ("google-category-differs", "CAP v1.0, category", same_in_all("category", "category")),
            ("google-eventCode-differs", "CAP v1.0, eventCode", same_in_all("event_codes", "eventCode")),
            ("google-event-differs", "CAP v1.0, event", same_event),
        )),
        *rules(WARNING, _GOOGLE, (
            ("google-not-shown", "entity alert, status and scope", shown_to_public),
            ("google-event-too-long", "entity info, event", at_most("event", "event", 34)),
            ("google-circle-tiny", "entity area, circle", no_zero_circle),
            ("google-responseType-missing", "entity info, responseType", info_has(
                "response_types", "responseType", "say what kind of action is asked")),
            ("google-instruction-missing", "entity info, instruction", info_has(
                "instruction", "instruction", "say what to do")),
        ), checked=True),
        *rules(ADVICE, _GOOGLE, (
            ("google-areaDesc-too-long", "entity area, areaDesc", short_areas(49)),
            ("google-shape-missing", "additional guidelines, geocode", drawn),
            ("google-contact-missing", "entity info, contact", info_has("contact", "contact", "say whom to ask")),
        ), checked=True),
        *rules(ADVICE, _GOOGLE, (
            ("google-senderName-missing", "CAP v1.0, senderName", info_has(
                "sender_name", "senderName", "say in words who alerts")),
            ("google-headline-too-long", "CAP v1.0, headline", at_most("headline", "headline", 139)),
            ("google-headline-repeated", "CAP v1.0, headline", differs("headline", "description")),
            ("google-instruction-repeated", "CAP v1.0, instruction", differs("instruction", "description")),
        )),
    ),
)  # fmt: skip

PROFILES: Profiles = {profile.name: profile for profile in (IPAWS, CAP_CP, CAP_AU, GOOGLE)}


def check(alert: Alert, names: Iterable[str]) -> Iterator[Problem]:
    """What the alert does not meet of the profiles named. KeyError for one that is none."""
    for name in names:
        yield from PROFILES[name].check(alert)
