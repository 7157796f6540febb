"""Short ways through the services for tests: submit a record, approve it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alerts.service import decide, submit
from alerts.service.drafting import read_document


@pytest.fixture
def take(house, make_record):
    """A record, as changed, read as a document of the submitter's agency."""

    def taken(officer=None, **changes: Any):
        body = json.dumps(make_record(**changes)).encode()
        return read_document(house.services, officer or house.submitter, body, "application/json")

    return taken


@pytest.fixture
def submitted(house, take):
    """Submit a record as the submitter."""

    def submit_it(officer=None, **changes: Any):
        return submit.submit(house.services, officer or house.submitter, take(officer, **changes))

    return submit_it


@pytest.fixture
def in_force(house, submitted):
    """A record submitted and approved."""

    def approve_it(**changes: Any):
        left = submitted(**changes)
        decide.approve(house.services, house.approver, left.id, left.content_hash)
        return left

    return approve_it
