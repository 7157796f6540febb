"""`python -m notifiers.channels.apprise_runner`: Apprise in a process of its own. One request a line, one answer a line.

In: {"url", "title", "body"}; out: {"ok": whether Apprise says so, "answers": [statuses], "died": how a request that got
none did ("connect", "reset", or "")}. A process, because a thread that hangs cannot be ended, because the proxy that all
of it goes through is told by the environment, and because a hundred plugins are no weight for a worker.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from notifiers.guarded_proxy import UNREACHED


def main() -> None:
    """Answers until standard input ends."""
    import apprise
    import requests

    logging.disable(logging.CRITICAL)  # plugins tell addresses
    heard: dict[str, Any] = {}
    _listen(requests, heard)
    asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY, async_mode=False)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        heard.update(answers=[], died="")
        ok = _post(apprise, asset, json.loads(line))
        sys.stdout.write(json.dumps({"ok": ok, **heard}) + "\n")
        sys.stdout.flush()


def _post(apprise: Any, asset: Any, told: dict[str, str]) -> bool:
    service = apprise.Apprise.instantiate(told["url"], asset=asset)
    if not service:
        return False
    try:
        return bool(service.notify(body=told["body"], title=told["title"], body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001  # whatever a plugin does: what is known is what was heard
        return False


def _listen(requests: Any, heard: dict[str, Any]) -> None:
    """Apprise says yes or no; why is said by the answers, so they are noted where all plugins' requests pass.

    Redirects are not followed, and nothing is sent twice by the pool.
    """
    adapter = requests.adapters.HTTPAdapter
    plain = adapter.send

    def send(self: Any, request: Any, *arguments: Any, **named: Any) -> Any:
        try:
            response = plain(self, request, *arguments, **named)
        except requests.exceptions.RequestException as death:
            heard["died"] = "connect" if _never_stood(requests.exceptions, request.url, death) else "reset"
            raise
        if UNREACHED in response.headers and request.url.startswith("http://"):  # the proxy's own word: no TLS hides it
            heard["died"] = "connect"
            return response
        heard["answers"].append(response.status_code)
        return response

    adapter.send = send
    requests.sessions.SessionRedirectMixin.get_redirect_target = lambda _self, _response: None


def _never_stood(errors: Any, url: str, death: Exception) -> bool:
    """Whether nothing can have left: no tunnel, or a certificate that is not the name's."""
    if isinstance(death, errors.ConnectTimeout) or "CERTIFICATE_VERIFY_FAILED" in str(death):
        return True
    return isinstance(death, errors.ProxyError) and url.startswith("https://")


if __name__ == "__main__":
    main()
