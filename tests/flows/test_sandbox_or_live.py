"""A data directory is a sandbox or live for good, whoever asks and however."""

from __future__ import annotations

import shutil

import pytest
from server import lookout

from alerts.database import make_engine, settle_mode
from alerts.settings import Mode, Settings

OTHER = {"sandbox": "live", "live": "sandbox"}


@pytest.fixture(params=OTHER)
def made(request, tmp_path, empty_database):
    """A directory that was made as one of the two."""
    data, mode = tmp_path / "data", Mode(request.param)
    data.mkdir()
    shutil.copy(empty_database, data / "lookout.db")
    engine = make_engine(f"sqlite:///{data / 'lookout.db'}")
    settle_mode(engine, Settings(data=data, mode=mode))
    engine.dispose()
    return data, mode


def test_a_directory_made_as_one_is_never_served_as_the_other(made):
    data, mode = made
    refused = lookout("serve", "--data", str(data), "--mode", OTHER[mode])
    assert refused.returncode == 2
    assert f"this data directory is {mode} for good" in refused.stderr


def test_a_changed_mode_file_changes_nothing_the_database_remembers(made):
    data, mode = made
    (data / "mode").write_text(f"{OTHER[mode]}\n")
    refused = lookout("worker", "--data", str(data))
    assert refused.returncode == 2
    assert f"this data directory is {mode} for good" in refused.stderr
