"""A phone from its code to STOP, over a gateway that speaks as Twilio does, in its own process, with signed reports."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import httpx
import pytest
from cast import DENVER
from server import Server, until

from notifiers.channels.twilio import signature
from notifiers.sandbox.keys import sms_token

ANNS, BENS = "+13035550101", "+13035550102"
CONSENT = "Tell me about missing children near me."


@pytest.fixture
def server(serve) -> Server:
    return serve(workers=1)


def texts(house, phone):
    """What the gateway took for a phone, the oldest first."""
    recent = httpx.get(f"http://127.0.0.1:{house.push_port}/control/recent").json()
    return [one["message"] for one in recent if (one["channel"], one["to"]) == ("sms", phone)]


def sign_up(house, server, phone):
    """As its owner does: asks for a code, reads it on the phone, types it."""
    url = f"http://127.0.0.1:{house.port}/v1"
    assert httpx.post(f"{url}/phones/codes", json={"phone": phone}).status_code == 202
    code = re.search(r"\b\d{6}\b", texts(house, phone)[-1])[0]
    asked = {"lon": DENVER[0], "lat": DENVER[1], "consent": CONSENT, "phone": phone, "phone_code": code}
    answer = httpx.post(f"{url}/recipients", json=asked)
    assert answer.status_code == 201, answer.text


def write(house, phone, words):
    """What a phone writes back, brought and signed by the gateway."""
    url, form = f"http://127.0.0.1:{house.port}/v1/sms/incoming", [("Body", words), ("From", phone)]
    signed = {"X-Twilio-Signature": signature(sms_token(house.data), url, form)}
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(url, content=urlencode(form), headers=signed | typed)


def sms(server, alert):
    return server.delivery(alert)["channels"]["sms"]


def test_a_phone_is_confirmed_told_reported_on_and_leaves_by_stop(house, server):
    for phone in (ANNS, BENS):
        sign_up(house, server, phone)
    first = server.alert()
    server.until_settled(first)
    assert server.received(first, "sms") == {ANNS: 1, BENS: 1}
    assert all(f"/a/{first['token']}" in texts(house, phone)[-1] for phone in (ANNS, BENS))
    until(lambda: sms(server, first)["delivered"] == 2)  # two reports, each signed

    answer = write(house, ANNS, "STOP")
    assert (answer.status_code, "<Message>" in answer.text) == (200, True)
    server.misbehave({"kind": "status", "channel": "sms", "status": 200})  # taken, and then not delivered
    second = server.alert(case_number="CASE-2")
    server.until_settled(second)
    assert server.received(second, "sms") == {BENS: 1}
    until(lambda: sms(server, second)["tally"]["refused"] == 1)
    assert (sms(server, second)["tally"]["sent"], sms(server, second)["delivered"]) == (0, 0)
    assert len(texts(house, ANNS)) == 2  # the code and the first alert
    assert server.answered("sms")["report 204"] == 3


def test_a_report_that_nobody_signed_changes_nothing(house, server):
    sign_up(house, server, ANNS)
    alert = server.alert()
    server.until_settled(alert)
    until(lambda: sms(server, alert)["delivered"] == 1)
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30005"}
    forged = httpx.post(f"http://127.0.0.1:{house.port}/v1/receipts/sms/{'a' * 37}", data=form)
    assert (forged.status_code, write(house, ANNS, "hello").status_code) == (403, 200)
    assert sms(server, alert)["tally"]["sent"] == 1
