"""The clients behind `notifiers.sender`: one is chosen by a setting, and only that one is loaded."""

from __future__ import annotations

from notifiers.guard import Guard
from notifiers.sender import HttpClient, Limits, Sender

__all__ = ["make_sender"]


def make_sender(
    guard: Guard,
    client: HttpClient = HttpClient.PYREQWEST,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
) -> Sender:
    """A sender of this kind, judged by this guard."""
    if client is HttpClient.AIOHTTP:
        from notifiers.senders.aiohttp import AiohttpSender

        return AiohttpSender(guard, limits)
    from notifiers.senders.reqwest import ReqwestSender

    return ReqwestSender(guard, limits)
