"""`lookout officer`: who may submit and approve for an agency, or operate the house."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.commands.data import data_option, mode_option, opened, refuse_live, settings_for
from alerts.services import utc_now


@click.command(help="Add an officer of AGENCY (its code), or an operator with --operator.")
@click.argument("name")
@click.argument("agency", required=False)
@click.option("--operator", is_flag=True, help="Operates the house: watches, pauses, resumes; sees nothing of a child.")
@click.option(
    "--url", help="Where the server is reached, for the link.  [default: LOOKOUT_PUBLIC_URL or host and port]"
)
@data_option
@mode_option
def command(name: str, agency: str | None, *, operator: bool, url: str | None, data: Path, mode: str | None) -> None:
    from alerts import agencies

    if operator == bool(agency):
        raise click.UsageError("name an agency, or say --operator")
    settings, now = settings_for(data, mode), utc_now()
    refuse_live(settings)
    with opened(settings) as connection:
        of = agencies.find_agency(connection, agency) if agency else None
        if agency and of is None:
            raise click.UsageError(f"there is no agency {agency}")
        roles = agencies.OPERATOR if operator else agencies.OFFICER
        person = agencies.add_officer(connection, name=name, roles=roles, agency=of, now=now)
        key = agencies.issue_key(connection, person.id, now)
        link = agencies.issue_sign_in_link(connection, person.id, now, settings.sign_in_link_s)
    click.echo(f"API key (shown this once): {key}")
    click.echo(
        f"sign in once within {settings.sign_in_link_s // 60} min: {(url or settings.base_url).rstrip('/')}/signin/{link}"
    )
