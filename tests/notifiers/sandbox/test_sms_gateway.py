import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from notifiers.channels.sms import Gateway, Sms, say
from notifiers.channels.twilio import is_signed, of_receipt
from notifiers.guard import Guard, Mode
from notifiers.model import Kind, Notice, Result, Subscription, Text
from notifiers.sandbox.faults import Fault
from notifiers.sandbox.keys import sms_token
from notifiers.sandbox.process import HOST
from notifiers.sandbox.sms_gateway import ACCOUNT, SENDER
from notifiers.senders import make_sender


@pytest.fixture
def notice():
    now = datetime.now(UTC)
    return Notice(
        incident="token",
        version=1,
        number=1,
        kind=Kind.ALERT,
        status="Test",
        sent_at=now,
        expires_at=now + timedelta(hours=1),
        sender_name="Police",
        page_url="https://alerts.example/a/token",
        texts={"en": Text("Missing child", "Near the lake.")},
    )


@pytest.fixture
async def reports():
    """Where delivery reports come to: (path, signature, form) of each."""
    came = asyncio.Queue()

    async def take(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        await came.put((head[0].split(" ")[1], headers["x-twilio-signature"], parse_qsl(body.decode())))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, HOST, 0)
    came.url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    yield came
    server.close()


@pytest.fixture
async def sms(sandbox, reports, tmp_path):
    gateway = Gateway(sandbox.push_urls[0], ACCOUNT, sms_token(tmp_path), SENDER)
    sender = make_sender(Guard(Mode.SANDBOX, sandbox.receivers))
    channel = Sms(sender, gateway, callback_url=lambda seal: f"{reports.url}/{seal}")
    yield channel
    await channel.close()


@pytest.mark.parametrize(
    ("fault", "result"), [(None, Result.SENT), (Fault("status", "sms", status=200), Result.REFUSED)]
)
async def test_what_became_of_a_message_is_reported_signed(sandbox, reports, sms, notice, tmp_path, fault, result):
    sandbox.faults.replace([fault] if fault else [])
    one = Subscription(1, 1, "sms", "sms", {"phone": "+15005550001"}, seal="sealed")
    assert (await sms.send(await sms.prepare(notice, [one]), one)).result is Result.SENT
    path, signed, form = await asyncio.wait_for(reports.get(), 5)
    assert path == "/sealed"
    assert is_signed(sms_token(tmp_path), reports.url + path, form, signed)
    assert of_receipt(form).result is result


async def test_a_text_that_is_no_notice_is_taken_too(sandbox, sms, tmp_path, notice):
    gateway = Gateway(sandbox.push_urls[0], ACCOUNT, sms_token(tmp_path), SENDER)
    sender = make_sender(Guard(Mode.SANDBOX, sandbox.receivers))
    outcome = await say(sender, gateway, "+15005550001", "123456 is your code", valid_s=600, now=notice.sent_at)
    await sender.close()
    assert outcome.result is Result.SENT
    assert sandbox.counts.recent[0]["message"] == "123456 is your code"
