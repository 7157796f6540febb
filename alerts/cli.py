"""The command `lookout`. Each subcommand imports what it needs when it runs: `lookout --help` answers at once.

Exit codes: 0 done, 1 it went wrong (said on standard error), 2 the input or the call was wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click

COMMANDS: Mapping[str, str] = {
    "demo": "Run Lookout with invented people while an exercise alert is delivered.",
    "serve": "Serve API and pages; fan out, schedule and send (workers as child processes).",
    "worker": "Send batches beside a server.",
    "validate": "Name every fault of AMBER records (JSON) and CAP messages (XML).",
    "submit": "Submit a record or CAP message for approval, as a client of the API.",
    "import-users": "Enrol a partner's people from CSV, GeoJSON or GeoParquet; rows without consent are rejected.",
    "partner": "Issue, list and revoke the keys of platforms that tell where their own people are.",
    "bounces": "Read e-mail that came back, from standard input or a Maildir: bounces and complaints.",
    "webhook": "Add, list, rotate and revoke partners' servers that get alerts as signed webhooks.",
    "outlet": "Add, list and revoke signs, displays and posts of your own.",
    "origin": "List what all workers know of receivers, set a rate, wake one that rests.",
    "canary": "Add, list and remove addresses of your own that get the self-tests.",
    "administrator": "Print a one-time link: the first administrator's, or one to come back in.",
    "certificate": "Show or replace the certificate that our CAP messages are signed with.",
    "tips": "Make an agency's own key for tips, and open what was encrypted to it.",
    "audit": "Verify the log of acts, or export it as evidence.",
    "feed": "Add, list, ask and switch off feeds of alerts of others; see what came in.",
    "agency": "Add an agency with its jurisdiction.",
    "officer": "Add an officer; prints an API key and a one-time sign-in link, once.",
}


class Lazy(click.Group):
    """A group whose commands are modules of `alerts.commands`, imported when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"alerts.commands.{cmd_name.replace('-', '_')}")
        command = module.command
        if not isinstance(command, click.Command):
            raise TypeError(cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=Lazy, help="Lookout: missing-child alerts to everyone inside the search area, once, within seconds.")
@click.version_option(package_name="lookout")
def main() -> None:
    """What `lookout` does with no subcommand: show the help."""


if __name__ == "__main__":
    main()
