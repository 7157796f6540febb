"""A real Lookout in its own processes on a data directory of its own, driven and judged from outside.

lookout  one run of the command, to its end
Server   `lookout serve` over a house: start, kill, stop, its officers over HTTP, its receivers' own counts
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from cast import record
from house import House, Member

ROOT = Path(__file__).parents[2]
CHANNELS = ("web_push", "email", "inbox")
T = TypeVar("T")


def lookout(*arguments: str, within_s: float = 60.0, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command run to its end, with nothing of this shell's settings."""
    return subprocess.run(
        [sys.executable, "-m", "alerts.cli", *arguments],
        env=environment(variables),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOOKOUT_") and name != "PORT"}
    return kept | variables


def until(look: Callable[[], T], within_s: float = 60.0, every_s: float = 0.05) -> T:
    """What `look` answers once it is true; a failure when it is not in time."""
    deadline = time.monotonic() + within_s
    while True:
        if found := look():
            return found
        assert time.monotonic() < deadline, f"it did not come about within {within_s} s"
        time.sleep(every_s)


def descendants(pid: int) -> dict[int, str]:
    """Process ids and names of all that a process started, and they started."""
    parents = {child: parent for child, parent in map(_parent, _processes()) if child}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: _name(child) for child in found - {pid}}


def running(pid: int) -> bool:
    """Whether the process runs: one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _parent(pid: int) -> tuple[int, int]:
    try:
        return pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0, 0


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


class Server:
    """`lookout serve` over a house. What it and its children write to standard output and error is kept in `logs`."""

    def __init__(self, house: House, **settings: object) -> None:
        self.house = house
        self.logs = house.data.parent / "logs"
        self.logs.mkdir(exist_ok=True)
        self._settings = {f"LOOKOUT_{name.upper()}": str(value) for name, value in settings.items()}
        self._seen: dict[int, str] = {}
        self.process: subprocess.Popen[bytes] | None = None
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{house.port}", timeout=30.0)
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{house.push_port}", timeout=30.0)

    # the processes

    def start(self) -> Server:
        """Returns when it answers, and its receivers do."""
        temporary = self.house.data.parent / "temporary"
        temporary.mkdir(exist_ok=True)
        variables = {
            "LOOKOUT_SANDBOX_PUSH_PORT": str(self.house.push_port),
            "LOOKOUT_SANDBOX_SMTP_PORT": str(self.house.smtp_port),
            "LOOKOUT_LOG_LEVEL": "debug",
            "TMPDIR": str(temporary),
        } | self.house.variables
        command = ("serve", "--data", str(self.house.data), "--port", str(self.house.port))
        with (self.logs / f"{len(list(self.logs.iterdir()))}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "alerts.cli", *command],
                env=environment(variables | self._settings),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(lambda: self._answers(self._client, "/readyz") and self._answers(self._control, "/control/counts"), 90.0)
        self._seen |= self.children()
        return self

    def children(self) -> dict[int, str]:
        """Workers and receivers, by process id."""
        return descendants(self.process.pid)

    def kill(self) -> None:
        """SIGKILL; and the children, which notice it, are waited for."""
        self._seen |= self.children()
        self.process.kill()
        self.process.wait()
        until(lambda: not any(running(pid) for pid in self._seen))

    def stop(self, within_s: float = 10.0) -> int:
        """SIGTERM; its exit code, or a failure when it is not gone in time."""
        self._seen |= self.children()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def end(self) -> None:
        """Whatever happened: nothing of it is left."""
        self._client.close()
        self._control.close()
        if self.process is None:
            return
        self._seen |= self.children()
        self.process.kill()
        self.process.wait()
        for pid in filter(lambda pid: self._seen[pid] and _name(pid) == self._seen[pid], self._seen):
            os.kill(pid, signal.SIGKILL)

    def _answers(self, client: httpx.Client, path: str) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return client.get(path).is_success
        except httpx.TransportError:
            return False

    def said(self) -> str:
        """All that its processes wrote."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.logs.iterdir()))

    # its officers and people

    def get(self, path: str, who: str = "") -> httpx.Response:
        """As one of the cast, as a recipient (a `Member.key`), or as nobody."""
        return self._client.get(path, headers=self._headers(who))

    @contextmanager
    def listen(self, path: str, who: str) -> Iterator[httpx.Response]:
        """A stream of server-sent events, open while the block lasts."""
        with self._client.stream("GET", path, headers=self._headers(who)) as stream:
            assert stream.is_success
            yield stream

    def put(self, path: str, who: str, body: Any) -> httpx.Response:
        return self._client.put(path, headers=self._headers(who), json=body)

    def call(self, path: str, who: str, body: Any = None) -> dict[str, Any]:
        """POST by one of the cast, which must succeed."""
        answer = self._client.post(path, headers=self._headers(who), json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def submit(self, **changes: Any) -> dict[str, Any]:
        return self.call("/v1/alerts", "submitter", record(**changes))

    def approve(self, submitted: Mapping[str, Any]) -> dict[str, Any]:
        seen = {"content_hash": submitted["content_hash"], "reach": submitted["reach"]}
        return self.call(f"/v1/alerts/{submitted['id']}/approve", "approver", seen)

    def alert(self, **changes: Any) -> dict[str, Any]:
        """An exercise around Denver, submitted and approved; what the submission answered."""
        submitted = self.submit(**changes)
        self.approve(submitted)
        return submitted

    def cancel(self, alert: Mapping[str, Any]) -> dict[str, Any]:
        return self.call(f"/v1/alerts/{alert['id']}/cancel", "approver")

    def _headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.house.keys.get(who, who)}", "If-Match": "*"} if who else {}

    # its receivers and its ledger

    def misbehave(self, *faults: Mapping[str, Any]) -> None:
        """The receivers do this from now on, and nothing else wrong."""
        self._control.post("/control/faults", json={"faults": faults}).raise_for_status()

    def answered(self, channel: str = "web_push") -> Counter[str]:
        """What the receiver answered how often."""
        return Counter(self._control.get("/control/counts").json()[channel]["answered"])

    def received(self, alert: Mapping[str, Any], channel: str = "web_push", kind: str = "alert") -> Counter[str]:
        """Counted at the receiver: who got a notice of this alert how often."""
        asked = {"channel": channel, "incident": alert["token"], "kind": kind}
        return sum(
            (Counter(row["counts"]) for row in self._control.get("/control/received", params=asked).json()), Counter()
        )

    def inboxes(self, alert: Mapping[str, Any], people: Sequence[Member], kind: str = "alert") -> Counter[str]:
        """The same of the inboxes, read as their owners read them; by public id."""
        items = ((one.public_id, item) for one in people for item in self.get("/v1/inbox", one.key).json())
        return Counter(who for who, item in items if (item["token"], item["kind"]) == (alert["token"], kind))

    def delivery(self, alert: Mapping[str, Any], kind: str = "alert") -> dict[str, Any] | None:
        """The newest notice of this kind as the ledger tells it, its channels by name; None before there is one."""
        found = [
            one for one in self.get(f"/v1/alerts/{alert['id']}/delivery", "submitter").json() if one["kind"] == kind
        ]
        return found[0] | {"channels": {one["channel"]: one for one in found[0]["channels"]}} if found else None

    def until_settled(self, alert: Mapping[str, Any], kind: str = "alert", within_s: float = 30.0) -> dict[str, Any]:
        """Waits until nothing of the notice is to be planned or sent any more; the delivery then."""

        def look() -> dict[str, Any] | None:
            found = self.delivery(alert, kind)
            open_ = found and found["total"]["waiting"] + found["total"]["in_flight"]
            return found if found and found["state"] != "queued" and not open_ else None

        return until(look, within_s, 0.1)
