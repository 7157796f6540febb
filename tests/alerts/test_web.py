"""Whose request it is: the peer's, or whom a proxy that is trusted says."""

from __future__ import annotations

import socket

import httpx
import pytest
from fastapi import FastAPI, Request

from alerts import web
from alerts.settings import BadSetting, from_environment

SAID = {"X-Forwarded-For": "203.0.113.9"}


def asked(trusted: str) -> str:
    app = FastAPI()

    @app.get("/")
    def who(request: Request) -> str:
        return request.client.host

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with web.in_thread(app, listening, trusted):
            return httpx.get(f"http://127.0.0.1:{port}/", headers=SAID).json()


@pytest.mark.parametrize("trusted", ["127.0.0.1", "10.0.0.1, 127.0.0.0/8"])
def test_a_trusted_proxy_is_believed(trusted):
    assert asked(trusted) == "203.0.113.9"


@pytest.mark.parametrize("trusted", ["", "10.0.0.1"])
def test_nobody_else_is(trusted):
    assert asked(trusted) == "127.0.0.1"


@pytest.mark.parametrize("said", ["*", "proxy.example", "10.0.0.1/8"])
def test_what_is_no_address_or_network_is_refused(said):
    with pytest.raises(BadSetting, match="TRUSTED_PROXIES"):
        from_environment({"LOOKOUT_TRUSTED_PROXIES": said})
