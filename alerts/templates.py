"""Statements on templates: what an agency's alerts begin with. The caller owns the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from alerts.console_tables import template
from alerts.public_ids import new_public_id
from alerts.tables import officer


@dataclass(frozen=True, slots=True)
class Template:
    """One as it stands: its fields by their names on the form. `version` grows with every change."""

    id: str
    name: str
    values: Mapping[str, str] = field(repr=False)
    version: int
    changed_by: str
    changed_at: datetime

    @property
    def tag(self) -> str:
        """What a change is meant for (`alerts.service.chain.Seen`)."""
        return str(self.version)


def add(
    connection: Connection, agency_id: int, name: str, values: Mapping[str, str], officer_id: int, now: datetime
) -> str:
    """Its public id."""
    public_id = new_public_id()
    row = {"agency_id": agency_id, "name": name, "content": json.dumps(dict(values), sort_keys=True), "version": 1}
    connection.execute(insert(template).values(public_id=public_id, changed_by=officer_id, changed_at=now, **row))
    return public_id


def change(
    connection: Connection, public_id: str, name: str, values: Mapping[str, str], officer_id: int, now: datetime
) -> None:
    said = {"name": name, "content": json.dumps(dict(values), sort_keys=True), "version": template.c.version + 1}
    chosen = update(template).where(template.c.public_id == public_id)
    connection.execute(chosen.values(changed_by=officer_id, changed_at=now, **said))


def remove(connection: Connection, public_id: str) -> None:
    connection.execute(delete(template).where(template.c.public_id == public_id))


def find(connection: Connection, agency_id: int, public_id: str) -> Template | None:
    found = _list(connection, (template.c.agency_id == agency_id) & (template.c.public_id == public_id))
    return found[0] if found else None


def list_of(connection: Connection, agency_id: int) -> list[Template]:
    """Those of an agency, by name."""
    return _list(connection, template.c.agency_id == agency_id)


def _list(connection: Connection, where: ColumnElement[bool]) -> list[Template]:
    query = select(template, officer.c.name.label("officer"))
    query = query.join(officer, officer.c.id == template.c.changed_by).where(where).order_by(template.c.name)
    return [_template(row) for row in connection.execute(query)]


def _template(row: Any) -> Template:
    return Template(row.public_id, row.name, json.loads(row.content), row.version, row.officer, row.changed_at)
