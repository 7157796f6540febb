import asyncio
import json
from contextlib import suppress

import pytest
from broker import free_port

from channels.contract import Arrived, Bench, ChannelContract, How
from notifiers.channels.apprise import Apprise, of_answer
from notifiers.channels.apprise_urls import refused
from notifiers.channels.lasting import lasting
from notifiers.guard import Guard, Mode
from notifiers.guarded_proxy import GuardedProxy
from notifiers.model import Result

HOST = "127.0.0.1"
TOKEN = "3ccdd113474722377935511fc85d3dd4"


class Chat:
    """A receiver that takes what Mattermost's incoming webhooks take."""

    def __init__(self):
        self.got, self.status, self.how = [], 200, None

    async def open(self):
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self):
        self._server.close()

    async def _serve(self, reader, writer):
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            body = await reader.readexactly(length)
            if self.status == 200:
                self.got.append((head.split(b" ")[1].decode(), json.loads(body)))
            if self.how is How.SILENT:
                await asyncio.sleep(60)
            if self.how is not How.RESET:
                writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
        writer.close()


class AppriseBench(Bench):
    name = "apprise"
    lasting = True
    cannot = {
        "test_our_fault_is_ours": "the key is a part of the operator's address: when it is refused, that outlet alone is at fault",
        "test_retry_after_is_heard": "Apprise says yes or no: no header comes through",
    }

    async def open(self, directory):
        self.chat = Chat()
        await self.chat.open()
        self.port, self.nobody = self.chat.port, free_port()
        self.channel = Apprise(Guard(Mode.SANDBOX, frozenset({(HOST, self.port), (HOST, self.nobody)})), timeout_s=3)

    async def close(self):
        self.chat.close()

    async def misbehave(self, how):
        self.port = self.nobody if how is How.DOWN else self.chat.port
        self.chat.how = how
        self.chat.status = {How.GONE: 404, How.REFUSING: 400, How.LATER: 429}.get(how, 200)

    def address(self, number):
        return {"url": f"mmost://{HOST}:{self.port}/path{number}/{TOKEN}"}

    def bad_addresses(self):
        texts = (
            "",
            "syslog://",
            "file:///etc/passwd",
            "json://127.0.0.1/",
            "mmosts://a b/",
            "exec://x",
            "mmosts://h/t?verify=no",
        )
        return [{"url": said} for said in texts]

    def subscription(self, number, language="en"):
        return super().subscription(number, language)

    async def arrived(self):
        return [
            Arrived(int(path.split("/")[1][4:]), json.dumps(said, ensure_ascii=False)) for path, said in self.chat.got
        ]

    def words(self, notice, tag):
        return [lasting(notice, tag).heading, notice.page_url]

    def secrets(self, subscription):
        return [TOKEN]


class TestApprise(ChannelContract):
    bench_class = AppriseBench


@pytest.mark.parametrize(
    ("ok", "answers", "died", "result"),
    [
        (True, [200], "", Result.SENT),
        (False, [404], "", Result.GONE),
        (False, [403], "", Result.REFUSED),
        (False, [429], "", Result.LATER),
        (False, [503], "", Result.LATER),
        (False, [500], "", Result.IN_DOUBT),
        (False, [200], "", Result.IN_DOUBT),  # taken, and still a no: nobody knows
        (False, [200, 429], "", Result.IN_DOUBT),
        (False, [], "connect", Result.UNSENT),
        (False, [], "reset", Result.IN_DOUBT),
        (False, [], "", Result.REFUSED),
    ],
)
def test_what_a_yes_or_no_means(ok, answers, died, result):
    assert of_answer({"ok": ok, "answers": answers, "died": died}).result is result


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("slack://TokenA/TokenB/TokenC/#general", "bad_address"),  # a fragment: write %23
        ("slack://TokenA/TokenB/TokenC/%23general", None),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", None),
        ("matrixs://user:token@matrix.example/%23room", None),
        ("mastodons://token@mastodon.example", None),
        ("mastodon://token@mastodon.example", "scheme"),
        ("mmost://chat.example/token", "scheme"),
        ("mmosts://chat.example/token?verify=no", "option"),
        ("mmosts://chat.example/token?retry=3", "option"),
        ("slack://a/b/c,file://x", "bad_address"),
        ("dbus://", "scheme"),
        ("slack://a/b/\r\nc", "bad_address"),
    ],
)
def test_only_schemes_of_the_list_with_harmless_options_are_taken(url, why):
    assert refused(url) == why


async def test_the_proxy_lets_nobody_through_to_a_private_address_or_without_its_password():
    proxy = GuardedProxy(Guard(Mode.LIVE))
    await proxy.open()
    port = int(proxy.url.rpartition(":")[2])
    for password in ("", f"Proxy-Authorization: Basic {_basic(proxy.url)}\r\n"):
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(f"CONNECT 127.0.0.1:443 HTTP/1.1\r\n{password}\r\n".encode())
        assert b"403" in await reader.readline()
        writer.close()
    await proxy.close()


def _basic(url):
    import base64

    return base64.b64encode(url.partition("://")[2].partition("@")[0].encode()).decode()
