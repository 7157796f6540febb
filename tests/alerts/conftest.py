"""What tests of the alerts domain share: the invented record, and readers of documents and of published samples."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from desk import FIXTURES, NOW, ORIGIN, SAMPLES, Limits

from alerts import intake
from alerts.intake import Intake
from geo.places import Gazetteer


@pytest.fixture
def record() -> dict[str, Any]:
    """The record of one county as JSON, to be changed at will."""
    found: dict[str, Any] = json.loads((FIXTURES / "alerts" / "county.json").read_text())
    return found


@pytest.fixture
def read(gazetteer: Gazetteer) -> Callable[..., Intake]:
    """Reads a record (dict), or bytes of a content type, as the API does."""

    def _read(document: Any, content_type: str = "application/json", **more: Any) -> Intake:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        given = {"now": NOW, "limits": Limits(), "origin": ORIGIN, "gazetteer": gazetteer} | more
        return intake.read(body, content_type, **given)

    return _read


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """A published CAP message by name; skips where the samples do not lie beside the project."""

    def _sample(name: str) -> bytes:
        path = SAMPLES / name
        if not path.exists():
            pytest.skip(f"the published sample {name} is not here")
        return path.read_bytes()

    return _sample


@pytest.fixture
def xmlsec1() -> str:
    """The independent verifier of XML signatures; skips where there is none (never in CI)."""
    found = shutil.which("xmlsec1")
    if found is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("xmlsec1: .ci/install-system installs it")
        pytest.skip("xmlsec1 is not installed")
    return found
