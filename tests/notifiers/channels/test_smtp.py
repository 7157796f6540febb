"""Each reply and each death of a mail server, from the sandbox's or one that follows a script."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest

from notifiers.channels.smtp import Relay, SmtpPool, Tls
from notifiers.guard import Guard, Mode
from notifiers.model import Result
from notifiers.sandbox.faults import Fault
from notifiers.still import still


@asynccontextmanager
async def scripted(heard=None, **replies):
    """A pool before a server that answers each command as told: text, "hang" or "die"; else 250 (354 for DATA)."""

    async def say(writer, reply):
        if reply == "die":
            writer.transport.abort()
        elif reply == "hang":
            await asyncio.sleep(5)
        else:
            writer.write(reply.encode() + b"\r\n")

    async def serve(reader, writer):
        try:
            await say(writer, replies.get("greeting", "220 hi"))
            while line := await reader.readline():
                command = line[:4].strip().decode().lower()
                (heard if heard is not None else []).append(command)
                await say(writer, replies.get(command, "354 go" if command == "data" else "250 ok"))
                if command == "data" and "data" not in replies:
                    await reader.readuntil(b"\r\n.\r\n")
                    await say(writer, replies.get("body", "250 taken"))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    here = server.sockets[0].getsockname()
    relay = Relay(*here, replies.pop("tls", Tls.NONE), replies.pop("username", None), "word")
    pool = SmtpPool(relay, Guard(Mode.SANDBOX, frozenset({here})), hello="lookout.invalid", size=1, timeout_s=2.0)
    try:
        yield pool
    finally:
        await pool.close()
        server.close()


def deliver(pool):
    return pool.deliver("alerts@lookout.invalid", "p@x.invalid", b"Subject: x\r\n\r\nbody\r\n")


@pytest.mark.parametrize(
    ("replies", "result", "reason"),
    [
        ({}, Result.SENT, "250"),
        ({"rcpt": "550 5.1.1 no such user"}, Result.GONE, "550 5.1.1"),
        ({"rcpt": "550 5.7.1 not here"}, Result.REFUSED, "550 5.7.1"),
        ({"rcpt": "450 4.2.1 greylisted"}, Result.LATER, "450 4.2.1"),
        ({"rcpt": "die"}, Result.UNSENT, "disconnected"),
        ({"rcpt": "hang"}, Result.UNSENT, "disconnected"),
        ({"mail": "451 4.3.0 later"}, Result.LATER, "451"),
        ({"mail": "550 5.7.1 who are you"}, Result.OURS, "mail 550"),
        ({"mail": "421 closing"}, Result.LATER, "421"),
        ({"data": "554 5.6.0 no"}, Result.REFUSED, "554 5.6.0"),
        ({"body": "550 looks like spam"}, Result.REFUSED, "550"),
        ({"body": "452 4.3.1 full"}, Result.LATER, "452 4.3.1"),
        ({"body": "die"}, Result.IN_DOUBT, "reset"),
        ({"body": "hang"}, Result.IN_DOUBT, "timeout"),
        ({"greeting": "421 busy"}, Result.UNSENT, "greeting 421"),
        ({"greeting": "554 no service"}, Result.UNSENT, "greeting 554"),
        ({"greeting": "die"}, Result.UNSENT, "connect"),
        ({"greeting": "hang"}, Result.UNSENT, "connect_timeout"),
        ({"tls": Tls.STARTTLS}, Result.UNSENT, "tls"),
        ({"tls": Tls.IMPLICIT}, Result.UNSENT, "tls"),
        ({"username": "u", "ehlo": "250-hi\r\n250 AUTH PLAIN", "auth": "535 5.7.8 wrong"}, Result.OURS, "535 5.7.8"),
    ],
)
async def test_each_reply_and_each_death_has_its_outcome(replies, result, reason):
    async with scripted(**replies) as pool:
        outcome = await deliver(pool)
    assert (outcome.result, outcome.reason) == (result, reason)


async def test_a_relay_that_is_down_took_nothing():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        here = bound.getsockname()
        pool = SmtpPool(Relay(*here), Guard(Mode.SANDBOX, frozenset({here})), hello="x", timeout_s=1)
        assert (await deliver(pool)).reason == "connect"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.25", "localhost"])
async def test_a_live_lookout_has_no_relay_on_a_private_address(host):
    outcome = await deliver(SmtpPool(Relay(host, 25), Guard(Mode.LIVE), hello="x"))
    assert (outcome.result, outcome.reason) == (Result.REFUSED, "guard")


async def test_connections_are_kept_and_stay_within_their_number(sandbox, email, notice, mailbox, monkeypatch):
    opened = []
    real = SmtpPool._connect_socket
    monkeypatch.setattr(SmtpPool, "_connect_socket", lambda pool: opened.append(1) or real(pool))
    people = [mailbox(number) for number in range(1, 41)]
    prepared = await email.prepare(notice, people)
    outcomes = await asyncio.gather(*(email.send(prepared, person) for person in people))
    assert {outcome.result for outcome in outcomes} == {Result.SENT}
    assert len(opened) == 8


async def test_a_kept_connection_that_died_while_idle_is_replaced(sandbox, email, notice, mailbox):
    prepared = await email.prepare(notice, [mailbox(1), mailbox(2)])
    await email.send(prepared, mailbox(1))
    _, idle = email._pool._idle[0]
    idle.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    assert (await email.send(prepared, mailbox(2))).result is Result.SENT
    assert sum(got.received for got in sandbox.counts.notices.values()) == 2


@pytest.mark.parametrize(
    ("fault", "results"),
    [
        (Fault("status", "email", status=550, times=1), [Result.GONE, Result.SENT]),
        (Fault("status", "email", status=451, times=1), [Result.LATER, Result.SENT]),
        (Fault("status", "email", status=421, times=1), [Result.LATER, Result.SENT]),
        (Fault("reset", "email", times=1), [Result.UNSENT, Result.SENT]),
        (Fault("cut", "email", times=1), [Result.IN_DOUBT, Result.SENT]),
        (Fault("stall", "email", times=1), [Result.IN_DOUBT, Result.SENT]),
        (Fault("slow", "email", seconds=0.05, times=1), [Result.SENT, Result.SENT]),
    ],
)
async def test_after_each_fault_the_next_message_goes_through(sandbox, email, notice, mailbox, fault, results):
    sandbox.faults.replace([fault])
    prepared = await email.prepare(notice, [mailbox(1), mailbox(2)])
    assert [(await email.send(prepared, mailbox(number))).result for number in (1, 2)] == results


async def test_a_cancelled_send_leaves_no_half_said_sentence_behind(sandbox, email, notice, mailbox):
    sandbox.faults.replace([Fault("stall", "email", times=1)])
    prepared = await email.prepare(notice, [mailbox(1), mailbox(2)])
    sending = asyncio.create_task(email.send(prepared, mailbox(1)))
    await asyncio.sleep(0.1)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (await email.send(prepared, mailbox(2))).result is Result.SENT


async def test_mail_that_waited_too_long_for_its_connection_is_not_handed_over():
    said = []
    async with scripted(heard=said) as pool:
        assert (await deliver(pool)).result is Result.SENT
        still.set(lambda: False)
        outcome = await deliver(pool)
    assert (outcome.result, outcome.reason) == (Result.UNSENT, "stopped")
    assert said.count("mail") == 1


async def test_mail_is_asked_for_once_more_before_the_message_itself():
    answers = iter([True, False, True, True])
    said = []
    async with scripted(heard=said) as pool:
        still.set(lambda: next(answers))
        assert (await deliver(pool)).reason == "stopped"
        assert (await deliver(pool)).result is Result.SENT  # the connection is fit for the next one
    assert said.count("data") == 1
    assert "rset" in said
