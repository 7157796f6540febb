"""HTTP/2, as push gateways speak it: one connection, early answers kept, nothing repeated behind our back."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset

from notifiers.sender import STOPPED, Answer, Failure
from notifiers.still import still
from senders import receivers
from senders.receivers import pem_of, sender_to

ANSWER = [(":status", "200"), ("apns-id", "7")]


class Gateway:
    """Speaks HTTP/2. `on_head` and `on_end` say what happens when a head has come, or a whole request."""

    def __init__(self, on_end=None, on_head=None):
        self._on_end, self._on_head = on_end or answer, on_head
        self.connections, self.requests, self.resets = 0, [], []
        self.body = b""

    async def serve(self, reader, writer):
        self.connections += 1
        spoken = H2Connection(H2Configuration(client_side=False))
        spoken.initiate_connection()
        writer.write(spoken.data_to_send())
        try:
            while read := await reader.read(65536):
                for event in spoken.receive_data(read):
                    self._react(spoken, writer, event)
                if writer.is_closing():
                    return
                writer.write(spoken.data_to_send())
        except (OSError, asyncio.CancelledError):
            pass  # the client or the test is gone
        finally:
            writer.close()

    def _react(self, spoken, writer, event):
        if isinstance(event, RequestReceived):
            self.requests.append(dict(event.headers))
            if self._on_head:
                self._on_head(spoken, writer, event.stream_id, len(self.requests))
        elif isinstance(event, DataReceived):
            self.body += event.data
            spoken.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamReset):
            self.resets.append(event.error_code)
        elif isinstance(event, StreamEnded) and not self._on_head:
            self._on_end(spoken, writer, event.stream_id, len(self.requests))


def answer(spoken, writer, stream, number):
    spoken.send_headers(stream, ANSWER, end_stream=True)


def answer_early(spoken, writer, stream, number):
    """As RFC 9113 section 8.1 has it: a whole answer, then NO_ERROR for what is not read any more."""
    spoken.send_headers(stream, [(":status", "413")], end_stream=True)
    spoken.reset_stream(stream, ErrorCodes.NO_ERROR)


def resets(code):
    return lambda spoken, writer, stream, number: spoken.reset_stream(stream, code)


def leaves(spoken, writer, stream, number):
    spoken.close_connection(last_stream_id=stream)
    writer.write(spoken.data_to_send())
    writer.close()


def disowns(spoken, writer, stream, number):
    """GOAWAY that says: this one was not processed. It was read whole all the same."""
    spoken.close_connection(last_stream_id=0)
    writer.write(spoken.data_to_send())
    writer.close()


def cuts(spoken, writer, stream, number):
    receivers.reset(writer)


def stalls(spoken, writer, stream, number):
    pass


@pytest.fixture
def tls(tmp_path, authority):
    return receivers.vouched(tmp_path, authority, "127.0.0.1", protocols=("h2", "http/1.1"))


@asynccontextmanager
async def posting(gateway, tls, authority, **limits):
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0, ssl=tls)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/3/device/x"
    sender = sender_to(url, trust=pem_of(authority), **limits)
    yield lambda timeout_s=1.0, body=b"body": sender.post(url, {"apns-topic": "t"}, body, timeout_s)
    await sender.close()
    server.close()


async def test_many_requests_share_one_connection(tls, authority):
    gateway = Gateway()
    async with posting(gateway, tls, authority) as post:
        first = await post()
        answers = await asyncio.gather(*(post() for _ in range(50)))
    assert {one.status for one in answers} == {200}
    assert (gateway.connections, len(gateway.requests)) == (1, 51)
    assert (first.headers["apns-id"], gateway.requests[0][b"apns-topic"]) == ("7", b"t")


async def test_an_answer_before_the_body_is_kept(tls, authority):
    gateway = Gateway(on_head=answer_early)
    async with posting(gateway, tls, authority) as post:
        found = await post(body=b"x" * 200_000)  # more than the window: it cannot all be written before the answer
    assert isinstance(found, Answer)
    assert found.status == 413


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (resets(ErrorCodes.INTERNAL_ERROR), "reset"),
        (resets(ErrorCodes.REFUSED_STREAM), "reset"),
        (leaves, "reset"),
        (disowns, "reset"),
        (cuts, "reset"),
        (stalls, "timeout"),
    ],
)
async def test_what_was_read_and_not_answered_is_in_doubt_and_is_not_repeated(tls, authority, end, kind):
    gateway = Gateway(end)
    async with posting(gateway, tls, authority, connect_timeout_s=5.0) as post:
        failure = await post(timeout_s=1.0)
    assert failure.sent
    assert failure.kind in {kind, "cut"}
    assert len(gateway.requests) == 1
    assert isinstance(failure, Failure)


async def test_the_body_does_not_leave_when_the_answer_is_no(tls, authority):
    gateway = Gateway()
    async with posting(gateway, tls, authority) as post:
        assert (await post()).status == 200
        still.set(lambda: False)
        assert await post() == STOPPED
        await asyncio.sleep(0.05)
    assert gateway.body == b"body"  # the first one's
