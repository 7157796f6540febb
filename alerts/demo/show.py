"""The demo in the terminal: what happens, the links, a bar a channel while deliveries flow. Standard error only."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import NoReturn, Self

from tqdm import tqdm

from alerts.demo.story import Notices
from alerts.demo.world import Cast

CHANNEL_WORDS = {"web_push": "Web Push", "email": "e-mail", "inbox": "inbox"}
FORM = "{desc} |{bar:40}| {n_fmt}/{total_fmt} {elapsed} {rate_fmt}"
RULE = "-" * 88


class Show:
    """Prints for people; silent when `quiet` (the JSON of `--once --json` stands alone on standard output)."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet

    def say(self, line: str) -> None:
        if not self._quiet:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - what the demo is there for

    def links(self, base_url: str, token: str, cast: Cast) -> None:
        """Where to look, and how to sign in once in each role."""
        self.say(f"{RULE}\nEXERCISE: invented people, sandbox endpoints, nothing can reach a real person\n{RULE}")
        self.say(f"  start here: three doors, the officer, the public, the operator   {base_url}/")
        self.say(f"  public alert page   {base_url}/a/{token}")
        for person, page in ((cast.submitter, "console"), (cast.approver, "console"), (cast.operator, "operations")):
            self.say(f"  {page:<11} sign in once as {person.name}: {base_url}{person.sign_in_path}")
        self.say(RULE)

    def bars(self, what: str) -> Bars:
        """Bars for one phase, as a context."""
        return Bars(what, quiet=self._quiet)


class Bars:
    """One bar a channel: final outcomes of all that is planned, over the notices of the phase. At a terminal only."""

    def __init__(self, what: str, *, quiet: bool) -> None:
        self._what, self._shown = what, sys.stderr.isatty() and not quiet
        self._bars: dict[str, tqdm[NoReturn]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for bar in self._bars.values():
            bar.close()

    def look(self, notices: Notices) -> None:
        """One poll of the alert's delivery."""
        if not self._shown:
            return
        for channel, (done, planned) in sorted(_sums(notices).items()):
            bar = self._bars.get(channel) or self._add(channel)
            bar.total = planned
            bar.update(done - bar.n)

    def _add(self, channel: str) -> tqdm[NoReturn]:
        words = f"{self._what:<18} {CHANNEL_WORDS.get(channel, channel):<9}"
        bar: tqdm[NoReturn] = tqdm(
            desc=words, total=0, bar_format=FORM, position=len(self._bars), dynamic_ncols=True, mininterval=0.0, unit=""
        )
        self._bars[channel] = bar
        return bar


def _sums(notices: Notices) -> dict[str, tuple[int, int]]:
    """By channel: how many have a final outcome, how many are planned."""
    sums: dict[str, tuple[int, int]] = {}
    for channel in (channel for notice in notices for channel in notice["channels"]):
        tally = channel["tally"]
        done, planned = sums.get(channel["channel"], (0, 0))
        open_ = tally["waiting"] + tally["in_flight"]
        sums[channel["channel"]] = (done + tally["planned"] - open_, planned + tally["planned"])
    return sums
