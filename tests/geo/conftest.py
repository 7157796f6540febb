"""Both ways to the same answer: with the compiled helper and without."""

from __future__ import annotations

import pytest

from geo import compiled


@pytest.fixture(params=["helper", "numpy"])
def path(request, monkeypatch):
    """The test runs once with the helper and once with numpy alone."""
    if request.param == "numpy":
        monkeypatch.setattr(compiled, "kernel", None)
    elif compiled.kernel is None:
        pytest.skip("no compiled helper here")
    return request.param
