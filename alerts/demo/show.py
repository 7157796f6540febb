"""The demo in the terminal: what happens, the links, a bar a channel while deliveries flow. Standard error only."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from alerts.demo.story import Notices
from alerts.demo.world import Cast

CHANNEL_WORDS = {"web_push": "Web Push", "email": "e-mail", "inbox": "inbox"}


class Show:
    """Prints for people; silent when `quiet` (the JSON of `--once --json` stands alone on standard output)."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)

    def say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def links(self, base_url: str, token: str, cast: Cast) -> None:
        """Where to look, and how to sign in once in each role."""
        self._console.rule("EXERCISE - invented people, sandbox endpoints, nothing can reach a real person")
        self.say(f"  public alert page   {base_url}/a/{token}")
        for person, page in ((cast.submitter, "console"), (cast.approver, "console"), (cast.operator, "operations")):
            self.say(f"  {page:<11} sign in once as {person.name}: {base_url}{person.sign_in_path}")
        self.say(f"  all three doors     {base_url}/")
        self._console.rule()

    def bars(self, what: str) -> Bars:
        """Bars for one phase, as a context."""
        return Bars(self._console, what)


class Bars:
    """One bar a channel: final outcomes of all that is planned, over the notices of the phase."""

    def __init__(self, console: Console, what: str) -> None:
        self._progress = Progress(
            TextColumn(f"{what:<22} {{task.description:<9}}"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def look(self, notices: Notices) -> None:
        """One poll of the alert's delivery."""
        sums: dict[str, list[int]] = {}
        for notice in notices:
            for channel in notice["channels"]:
                tally = channel["tally"]
                done, planned = sums.setdefault(channel["channel"], [0, 0])
                open_ = tally["waiting"] + tally["in_flight"]
                sums[channel["channel"]] = [done + tally["planned"] - open_, planned + tally["planned"]]
        for channel, (done, planned) in sorted(sums.items()):
            if channel not in self._tasks:
                self._tasks[channel] = self._progress.add_task(CHANNEL_WORDS.get(channel, channel))
            self._progress.update(self._tasks[channel], completed=done, total=planned)
