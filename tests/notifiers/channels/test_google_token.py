"""Access tokens: fetched once for all, renewed early, forgotten when refused."""

import asyncio
import json
from urllib.parse import parse_qs

import pytest
from credentials import apple_key, google_key, pem, service_account
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from notifiers.channels.credential import BadCredential, read_apns_key, read_service_account
from notifiers.channels.google_token import AccessTokens
from notifiers.channels.web_push_crypto import decode
from notifiers.model import Outcome, Result
from notifiers.sender import Answer, Failure
from notifiers.still import still


class TokenServer:
    """A sender whose far end is a token server: answers in turn, when `open` is set."""

    def __init__(self, *answers):
        self.answers, self.asked, self.open = list(answers), [], asyncio.Event()
        self.open.set()

    async def post(self, url, headers, body, timeout_s):
        self.asked.append((url, body))
        await self.open.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def close(self):
        pass


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


def granted(bearer, lives_s=3599):
    return Answer(200, {}, json.dumps({"access_token": bearer, "expires_in": lives_s}).encode())


@pytest.fixture
def account(tmp_path):
    (tmp_path / "account.json").write_text(service_account())
    return read_service_account(tmp_path / "account.json")


@pytest.fixture
def clock():
    return Clock()


async def test_the_assertion_is_that_of_rfc_7523(account, clock):
    server = TokenServer(granted("one"))
    assert await AccessTokens(server, account, clock=clock).get() == "one"
    [(url, body)] = server.asked
    form = parse_qs(body.decode())
    signed, _, signature = form["assertion"][0].rpartition(".")
    google_key().public_key().verify(decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    header, claims = (json.loads(decode(part)) for part in signed.split("."))
    assert (url, form["grant_type"]) == (account.token_url, ["urn:ietf:params:oauth:grant-type:jwt-bearer"])
    assert header == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    assert (claims["iss"], claims["aud"]) == (account.email, account.token_url)
    assert (claims["iat"], claims["exp"]) == (int(clock.now), int(clock.now) + 3600)


async def test_fifty_sends_at_once_fetch_one_token(account, clock):
    server = TokenServer(granted("one"))
    server.open.clear()
    tokens = AccessTokens(server, account, clock=clock)
    waiting = [asyncio.create_task(tokens.get()) for _ in range(50)]
    await asyncio.sleep(0)
    server.open.set()
    assert set(await asyncio.gather(*waiting)) == {"one"}
    assert len(server.asked) == 1


async def test_a_token_is_renewed_while_the_old_one_still_serves(account, clock):
    server = TokenServer(granted("one"), granted("two"))
    tokens = AccessTokens(server, account, clock=clock)
    await tokens.get()
    clock.now += 3599 - 300
    assert await tokens.get() == "one"
    await tokens._refreshing
    assert (await tokens.get(), len(server.asked)) == ("two", 2)


async def test_a_renewal_that_fails_leaves_the_old_token_and_is_not_tried_at_every_send(account, clock):
    server = TokenServer(granted("one"), Answer(503, {}))
    tokens = AccessTokens(server, account, clock=clock)
    await tokens.get()
    clock.now += 3599 - 300
    for _ in range(5):
        assert await tokens.get() == "one"
        await tokens._refreshing
    assert len(server.asked) == 2
    clock.now += 300
    assert await tokens.get() == Outcome(Result.LATER, "token 503")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(400, {}, b'{"error":"invalid_grant"}'), Outcome(Result.OURS, "token 400")),
        (Answer(401, {}), Outcome(Result.OURS, "token 401")),
        (Answer(503, {"Retry-After": "9"}), Outcome(Result.LATER, "token 503", 9.0)),
        (Answer(200, {}, b"<html>"), Outcome(Result.UNSENT, "token unreadable")),
        (granted("line\nbreak"), Outcome(Result.UNSENT, "token unreadable")),
        (Failure("timeout", sent=True), Outcome(Result.UNSENT, "token timeout")),
        (Failure("dns", sent=False), Outcome(Result.UNSENT, "token dns")),
    ],
)
async def test_without_a_token_nothing_was_sent(account, clock, answer, outcome):
    assert await AccessTokens(TokenServer(answer), account, clock=clock).get() == outcome


async def test_a_refused_token_is_forgotten_and_a_newer_one_is_not(account, clock):
    server = TokenServer(granted("one"), granted("two"))
    tokens = AccessTokens(server, account, clock=clock)
    await tokens.get()
    tokens.forget("one")
    assert await tokens.get() == "two"
    tokens.forget("one")
    assert (await tokens.get(), len(server.asked)) == ("two", 2)


async def test_whoever_stops_waiting_does_not_stop_the_refresh_for_the_others(account, clock):
    server = TokenServer(granted("one"))
    server.open.clear()
    tokens = AccessTokens(server, account, clock=clock)
    first, second = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    server.open.set()
    assert (await second, len(server.asked)) == ("one", 1)


async def test_a_send_that_is_stopped_does_not_stop_the_refresh(account, clock):
    asked = []

    class Asking(TokenServer):
        async def post(self, url, headers, body, timeout_s):
            asked.append(still.get()())
            return granted("one")

    still.set(lambda: False)
    assert await AccessTokens(Asking(), account, clock=clock).get() == "one"
    assert asked == [True]


def test_what_is_no_service_account_is_said_without_its_content(tmp_path):
    path = tmp_path / "account.json"
    for written, why in (
        ("{", "is not the JSON key of a service account"),
        (service_account(client_email=None), "is not the JSON key of a service account"),
        (service_account(private_key="hunter2"), "holds no private key that can be read"),
        (service_account(apple_key()), "holds no RSA key"),
        ("x" * 70_000, "is too large for a key"),
    ):
        path.write_text(written)
        with pytest.raises(BadCredential) as said:
            read_service_account(path)
        assert str(said.value) == why


def test_a_key_that_is_not_there_or_not_apples_is_said(tmp_path):
    with pytest.raises(BadCredential, match="cannot be read"):
        read_apns_key(tmp_path / "none.p8")
    (tmp_path / "rsa.p8").write_bytes(pem(google_key()))
    with pytest.raises(BadCredential, match="no key on P-256"):
        read_apns_key(tmp_path / "rsa.p8")


def test_no_repr_holds_a_key(account):
    assert "key=" not in repr(account).replace("key_id=", "")
