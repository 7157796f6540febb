"""The first administrator of an empty house: a one-time link, printed where the server is started. No password anywhere.

It works until somebody has come in with it; a new one makes the one before useless.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine

from alerts import agencies, audit, houses, roster
from alerts.agencies import Role
from alerts.settings import Settings
from notifiers.transactions import reading, writing

NAME = "First administrator"


class SomebodyThere(Exception):
    """An administrator has come in already."""


class NobodyThere(Exception):
    """There is no administrator of this name."""


def is_empty(engine: Engine) -> bool:
    """Whether no administrator has ever come in."""
    with reading(engine) as connection:
        return not houses.has_administrator(connection)


def first_link(engine: Engine, settings: Settings, now: datetime) -> str:
    """The path of the link. SomebodyThere."""
    with writing(engine) as connection:
        if houses.has_administrator(connection):
            raise SomebodyThere
        waiting = houses.administrators(connection)
        first = waiting[0] if waiting else _add(connection, now)
        return _link(connection, settings, first, now, "first_administrator")


def link_again(engine: Engine, settings: Settings, name: str, now: datetime) -> str:
    """The path of a link for an administrator of the house who is there already. NobodyThere."""
    with writing(engine) as connection:
        of_house = set(houses.administrators(connection))
        named = [one for one in roster.list_people(connection, None) if one.id in of_house and one.name == name]
        if len(named) != 1:
            raise NobodyThere
        return _link(connection, settings, named[0].id, now, "recover_administrator")


def _add(connection: Connection, now: datetime) -> int:
    return agencies.add_officer(connection, name=NAME, roles={Role.ADMINISTER}, now=now).id


def _link(connection: Connection, settings: Settings, officer_id: int, now: datetime, act: str) -> str:
    roster.void_links(connection, officer_id, now)
    audit.write(connection, audit.SYSTEM, act, now, detail={"officer_id": officer_id})
    return "/signin/" + agencies.issue_sign_in_link(connection, officer_id, now, settings.invitation_s)
