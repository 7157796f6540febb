"""A push service for Firefox on this machine: Mozilla's WebSocket protocol for the browser, RFC 8030 for who sends.

https://mozilla-push-service.readthedocs.io/en/latest/design/ - hello, register, notification, ack, unregister.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from notifiers.channels.vapid import BadToken, verify
from notifiers.channels.web_push_crypto import encode


class Autopush:
    """`port` once it is started. `subscribed`: what each endpoint's token belongs to."""

    def __init__(self) -> None:
        self.port = 0
        self.subscribed: dict[str, tuple[web.WebSocketResponse, str]] = {}
        app = web.Application()
        app.router.add_get("/", self._browser)
        app.router.add_post("/wpush/{token}", self._push)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _browser(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse(protocols=("push-notification",))
        await line.prepare(request)
        async for message in line:
            if message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                answer = self._answer(line, said.get("messageType", "ping"), said)
                if answer is not None:
                    await line.send_json(answer)
        return line

    def _answer(self, line: web.WebSocketResponse, kind: str, said: dict[str, Any]) -> dict[str, Any] | None:
        match kind:
            case "hello":
                known = said.get("uaid") or uuid.uuid4().hex
                return {"messageType": kind, "uaid": known, "status": 200, "use_webpush": True, "broadcasts": {}}
            case "register":
                token = uuid.uuid4().hex
                self.subscribed[token] = line, said["channelID"]
                endpoint = f"http://127.0.0.1:{self.port}/wpush/{token}"
                return {
                    "messageType": kind, "channelID": said["channelID"], "status": 200, "pushEndpoint": endpoint
                }  # fmt: skip
            case "unregister":
                kept = {token: one for token, one in self.subscribed.items() if one[1] != said["channelID"]}
                self.subscribed = kept
                return {"messageType": kind, "channelID": said["channelID"], "status": 200}
            case "ping":
                return {}
        return None  # ack and nack want no answer

    async def _push(self, request: web.Request) -> web.Response:
        """201; 401 without a valid signature of ours; 410 for a subscription that ended."""
        try:
            verify(request.headers.get("Authorization", ""), f"http://127.0.0.1:{self.port}", time.time())
        except BadToken:
            return web.Response(status=401)
        found = self.subscribed.get(request.match_info["token"])
        if found is None:
            return web.Response(status=410)
        line, channel = found
        data, headers = encode(await request.read()), {"encoding": request.headers["Content-Encoding"]}
        whole = {"messageType": "notification", "channelID": channel, "version": uuid.uuid4().hex}
        await line.send_json(whole | {"data": data, "headers": headers})
        return web.Response(status=201, headers={"TTL": request.headers["TTL"], "Location": "/m/1"})
