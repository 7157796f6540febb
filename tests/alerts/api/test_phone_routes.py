import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from cast import DENVER

from alerts.outlets.sms import gateway_of
from alerts.people_tables import phone_code
from notifiers.channels.twilio import signature
from notifiers.model import Outcome, Result
from notifiers.tables import left, subscription

PHONE = "+13035550123"
SIGN_UP = {"lon": DENVER[0], "lat": DENVER[1], "consent": "Tell me about missing children.", "phone": PHONE}


@pytest.fixture
def texts(app, house):
    """What was sent as an SMS at once."""
    sent = []

    def text(phone, words):
        sent.append((phone, words))
        return Outcome(Result.SENT, "201")

    app.state.services = replace(house.services, text=text)
    return sent


@pytest.fixture
def phone(texts, client):
    """Asks for a code for a number, and reads it there."""

    def ask(number=PHONE, **more):
        answer = client.post("/v1/phones/codes", json={"phone": number, **more})
        assert answer.status_code == 202, answer.text
        return re.search(r"\b(\d{6})\b", texts[-1][1])[1]

    return ask


@pytest.fixture
def write(client, house):
    """What a phone writes back, as the gateway brings it."""

    def send(body, number=PHONE, path="/v1/sms/incoming", token=None, **more):
        form = [("From", number), ("Body", body), *more.items()]
        signed = signature(
            token or gateway_of(house.services.settings).token, house.services.settings.base_url + path, form
        )
        headers = {"X-Twilio-Signature": signed, "Content-Type": "application/x-www-form-urlencoded"}
        return client.post(path, content=urlencode(form), headers=headers)

    return send


def test_a_number_counts_once_its_code_was_typed(client, house, phone):
    code = phone(language="es")
    assert house.rows(subscription) == []
    assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code}).status_code == 201
    [row] = house.rows(subscription)
    assert (row.channel, row.confirmed_at is None) == ("sms", False)


def test_a_code_is_good_once(client, phone):
    code = phone()
    client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code})
    again = client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code})
    assert (again.status_code, again.json()["problems"][0]["type"]) == (422, "phone.code")


def test_five_wrong_tries_end_a_code(client, phone, house):
    code = phone()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": wrong}).status_code == 422
    assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code}).status_code == 422
    assert house.rows(subscription) == []


def test_a_code_is_good_for_ten_minutes(client, phone, house):
    code = phone()
    house.clock.pass_time(minutes=10, seconds=1)
    assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code}).status_code == 422


def test_a_code_is_another_number_s_nothing(client, phone):
    code = phone()
    other = client.post("/v1/recipients", json=SIGN_UP | {"phone": "+13035550199", "phone_code": code})
    assert other.status_code == 422


def test_the_last_code_counts_and_the_one_before_does_not(client, phone):
    first, second = phone(), phone()
    if first != second:
        assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": first}).status_code == 422
    assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": second}).status_code == 201


def test_a_number_gets_three_codes_an_hour(client, phone, texts, house):
    for _ in range(3):
        phone()
    refused = client.post("/v1/phones/codes", json={"phone": PHONE})
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 3000, len(texts)) == (429, True, 3)
    house.clock.pass_time(hours=1, seconds=1)
    phone()


def test_a_network_gets_ten_codes_an_hour_whatever_the_numbers(client, phone):
    for number in range(10):
        phone(f"+1303555{number:04d}")
    assert client.post("/v1/phones/codes", json={"phone": "+13035559999"}).status_code == 429


def test_no_number_and_no_code_is_stored(phone, house):
    code = phone()
    [row] = house.rows(phone_code)
    assert PHONE.encode() not in b"".join((row.phone_hash, row.code_hash, row.network_hash))
    assert code.encode() not in row.code_hash


def test_a_phone_without_its_code_is_no_way_to_be_told(client):
    assert client.post("/v1/recipients", json=SIGN_UP).status_code == 422


def test_without_a_gateway_no_code_is_promised(client):
    assert client.post("/v1/phones/codes", json={"phone": PHONE}).status_code == 409


@pytest.mark.parametrize("word", ["STOP", "Arrêt", "توقف", "रोकें", "unsubscribe!"])
def test_stop_is_obeyed_at_once_and_answered_once(client, house, phone, write, word):
    client.post("/v1/recipients", json=SIGN_UP | {"phone_code": phone()})
    answer = write(word)
    assert (answer.status_code, "<Message>" in answer.text, house.rows(subscription)) == (200, True, [])
    assert [row.channel for row in house.rows(left)] == ["sms"]
    assert "<Message>" not in write(word).text


def test_who_writes_back_is_answered_in_the_language_of_their_alerts(client, phone, write):
    assert "sign up and agree anew" in write("START").text  # of a number that nobody knows
    code = phone(language="de")
    client.post("/v1/recipients", json=SIGN_UP | {"phone_code": code, "language": "de"})
    assert "Wer sie sendet" in write("Hilfe").text
    assert "melden Sie sich neu an" in write("STOPP").text


def test_stop_of_a_stranger_keeps_imports_away(house, write):
    write("STOP")
    [row] = house.rows(left)
    assert row.channel == "sms"


def test_start_brings_nobody_back_but_a_code_and_new_consent_do(client, house, phone, write):
    client.post("/v1/recipients", json=SIGN_UP | {"phone_code": phone()})
    write("STOP")
    assert "sign up" in write("START").text
    assert house.rows(subscription) == []
    assert client.post("/v1/recipients", json=SIGN_UP | {"phone_code": phone()}).status_code == 201


def test_help_says_who_we_are_and_other_words_say_nothing(write, house):
    assert "Lookout" in write("HELP").text
    assert "<Message>" not in write("I saw the car at the stop sign").text
    assert house.rows(left) == []


def test_what_the_gateway_did_not_sign_ends_nothing(client, house, phone, write):
    client.post("/v1/recipients", json=SIGN_UP | {"phone_code": phone()})
    assert write("STOP", token="another").status_code == 403
    assert client.post("/v1/sms/incoming", data={"From": PHONE, "Body": "STOP"}).status_code == 403
    assert len(house.rows(subscription)) == 1


def test_a_report_needs_our_seal_and_their_signature(write):
    assert write("", path="/v1/receipts/sms/forged", MessageStatus="delivered").status_code == 404
    assert write("", path="/v1/receipts/sms/forged", token="another", MessageStatus="delivered").status_code == 403
    assert write("", path="/v1/receipts/sms/forged", MessageStatus="sent").status_code == 204
