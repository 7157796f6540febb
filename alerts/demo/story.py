"""The officers' part, over the real HTTP API: submit, approve, enlarge, approve again, cancel.

Each step is one request as any client would make it; what the server answers is what the story goes on with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from alerts.demo.stamp import Stamped
from alerts.demo.world import Cast

POLL_S = 0.1
PATIENCE_S = 20 * 60.0

Notices = list[dict[str, Any]]  # what /v1/alerts/{id}/delivery answers


class Refused(Exception):
    """The API did not do what the story needs; the text is the server's own, with every fault."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One approved message: its public id, the incident's token, the number of people it was approved for."""

    id: str
    token: str
    reach: int
    approved_s: float  # monotonic


class Story:
    """Plays the cast against one server."""

    def __init__(self, base_url: str, cast: Cast) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=60.0)
        self._cast = cast

    def close(self) -> None:
        self._client.close()

    def alert(self, file: Stamped) -> Sent:
        """One officer submits, another approves."""
        answer = self._call("POST", "/v1/alerts", self._cast.submitter.key, content=file.body, type_=file.content_type)
        return self._approve(answer)

    def enlarge(self, sent: Sent, area: dict[str, Any]) -> Sent:
        """The same people's alert over a larger area: a second message, approved again."""
        path = f"/v1/alerts/{sent.id}/enlarge"
        return self._approve(self._call("POST", path, self._cast.submitter.key, json={"area": area}))

    def cancel(self, sent: Sent) -> None:
        """One officer, one step."""
        self._call("POST", f"/v1/alerts/{sent.id}/cancel", self._cast.approver.key)

    def cap(self, sent: Sent) -> bytes:
        """The alert in force as CAP 1.2 XML."""
        return self._get(f"/v1/alerts/{sent.id}/cap", self._cast.submitter.key).content

    def page(self, token: str) -> httpx.Response:
        """The public page as anyone sees it."""
        return self._client.get(f"/a/{token}")

    def delivery(self, alert_id: str) -> Notices:
        """Planned, sent and what did not go well, by notice and channel."""
        found: Notices = self._get(f"/v1/alerts/{alert_id}/delivery", self._cast.submitter.key).json()
        return found

    def until_delivered(self, alert_id: str, notices: int, look: Callable[[Notices], None]) -> Notices:
        """Waits until all notices (at least so many) are planned and settled; `look` sees every poll."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = self.delivery(alert_id)
            look(found)
            if len(found) >= notices and all(settled(notice) for notice in found):
                return found
            time.sleep(POLL_S)
        raise Refused(f"the deliveries were not settled within {PATIENCE_S / 60:.0f} min")

    def inbox(self, public_id: str, token: str) -> list[dict[str, Any]]:
        """What lies in one recipient's inbox, as the recipient reads it."""
        found: list[dict[str, Any]] = self._get("/v1/inbox", f"{public_id}.{token}").json()
        return found

    def _approve(self, submission: dict[str, Any]) -> Sent:
        seen = {"content_hash": submission["content_hash"], "reach": submission["reach"]}
        self._call("POST", f"/v1/alerts/{submission['id']}/approve", self._cast.approver.key, json=seen)
        return Sent(submission["id"], submission["token"], submission["reach"], time.monotonic())

    def _get(self, path: str, key: str) -> httpx.Response:
        answer = self._client.get(path, headers={"Authorization": f"Bearer {key}"})
        _raise_for(answer)
        return answer

    def _call(
        self, method: str, path: str, key: str, *, type_: str = "application/json", **body: Any
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": type_, "If-Match": "*"}
        answer = self._client.request(method, path, headers=headers, **body)
        _raise_for(answer)
        told: dict[str, Any] = answer.json()
        return told


def settled(notice: dict[str, Any]) -> bool:
    """Nothing of it is to be planned or sent any more."""
    total = notice["total"]
    return bool(notice["state"] != "queued" and total["waiting"] + total["in_flight"] == 0)


def _raise_for(answer: httpx.Response) -> None:
    if answer.is_success:
        return
    problems = answer.json().get("problems", []) if "json" in answer.headers.get("content-type", "") else []
    lines = [f"  {problem['path']}: {problem['message']}" for problem in problems]
    detail = answer.json().get("detail", "") if "json" in answer.headers.get("content-type", "") else answer.text[:300]
    raise Refused(
        "\n".join([f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}", *lines])
    )
