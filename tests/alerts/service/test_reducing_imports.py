"""What one person withdraws of an alert that came as a CAP message: whole elements, and never a word more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts import errors, reading
from alerts.growth import Grown, Whole, grows
from alerts.model import Info
from alerts.service import decide, reducing, steps, submit
from alerts.service.drafting import read_document
from alerts.service.reducing import Less

INFO = (
    "<info><language>{language}</language><category>Rescue</category><event>Child Abduction Emergency</event>"
    "<urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>"
    "<headline>{headline}</headline><description>A silver car, plate EX4MPLE.</description>"
    "<instruction>Call 911.</instruction><contact>Tip line</contact><parameter><valueName>CMAMtext</valueName>"
    "<value>Missing: Robin Example</value></parameter><area><areaDesc>Denver</areaDesc><geocode><valueName>SAME"
    "</valueName><value>008031</value></geocode></area></info>"
)


@pytest.fixture
def imported(house):
    """A CAP message in two languages, in force."""
    sent = house.clock().strftime("%Y-%m-%dT%H:%M:%S+00:00")
    infos = INFO.format(language="en-US", headline="Robin Example is missing") + INFO.format(
        language="es-US", headline="Falta Robin Example"
    )
    body = (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>id-1</identifier><sender>cbi@agency.example'
        f"</sender><sent>{sent}</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>{infos}</alert>"
    )
    document = read_document(house.services, house.submitter, body.encode(), "application/cap+xml")
    left = submit.submit(house.services, house.submitter, document)
    decide.approve(house.services, house.approver, left.id, left.content_hash)
    return left


def text_of(house, alert_id: str, language: str = "en-US"):
    return reading.get_alert(house.services, house.submitter, alert_id).public.texts[language]


def test_a_withdrawn_description_is_gone_and_nothing_else(house, imported):
    done = reducing.reduce(house.services, house.submitter, imported.id, Less(("/info/0/description",)))
    said = text_of(house, done.id)
    assert (said.headline, said.body, said.instruction) == ("Robin Example is missing", "", "Call 911.")
    assert "EX4MPLE" in text_of(house, done.id, "es-US").body


def test_every_prepared_step_of_an_import_does_what_it_says(house, imported):
    offered = [one for one in steps.prepared(house.services, house.submitter, imported.id) if one.action == "withdraw"]
    assert [one.says for one in offered][:3] == [
        "Withdraw the headline and the short texts (en-US)",
        "Withdraw the description and the short texts (en-US)",
        "Withdraw the instruction (en-US)",
    ]
    assert offered[-1].says == "Withdraw all of es-US"
    ready = [
        reducing.prepare(house.services, house.submitter, imported.id, Less(tuple(one.body["withdraw"])))
        for one in offered
    ]
    assert [one.texts for one in ready] == [one.texts for one in offered]
    assert all(not one.grown for one in ready)


@pytest.mark.parametrize(
    "pointer", ["/info/2", "/info/0/event", "/info/x/headline", "headline", "/info/0/resource/0", "/info/0/web", "/"]
)
def test_what_is_not_in_the_message_or_must_stay_is_refused(house, imported, pointer):
    with pytest.raises(errors.Refused) as refused:
        reducing.prepare(house.services, house.submitter, imported.id, Less((pointer,)))
    assert {one.type for one in refused.value.problems} == {"withdraw.unknown"}


def test_something_to_read_stays(house, imported):
    for less in (Less(("/info/0", "/info/1")), Less(("/info/0/headline", "/info/0/description"))):
        with pytest.raises(errors.Refused, match="nothing would be left to read"):
            reducing.prepare(house.services, house.submitter, imported.id, less)


@pytest.mark.parametrize(
    "more",
    [
        {"headline": "Robin"},
        {"contact": "Me"},
        {"parameters": (("CMAMtext", "Robin"),)},
        {"instruction": ""},
        {"event": "Fire"},
    ],
)
def test_another_word_in_an_import_is_more_even_if_it_is_shorter(house, imported, more):
    with reading.transactions.reading(house.services.engine) as connection:
        case, message = reducing.open_case(connection, house.submitter, imported.id)
        opened = reducing.unseal(house.services.vault, case.row.key_name, message)
    before = Whole(opened.alert, opened.area, imported.lapses_at or house.clock())
    infos: tuple[Info, ...] = (replace(opened.alert.infos[0], **more), *opened.alert.infos[1:])
    assert Grown.WORDS in grows(before, replace(before, alert=replace(opened.alert, infos=infos)))
