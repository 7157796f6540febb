"""The helper is used where it is good, and never where it is not."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo import compiled
from geo.layout import Layout

HOOK = Path(compiled.__file__).parent / "kernel" / "build.py"


@pytest.fixture
def hook(monkeypatch, tmp_path):
    """The build hook, building to a place of its own."""
    spec = importlib.util.spec_from_file_location("kernel_hook", HOOK)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "LIBRARY", tmp_path / "_kernel.so")
    return module


def needs_compiler():
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        pytest.skip("no C compiler here")


@pytest.mark.skipif(os.environ.get("LOOKOUT_HELPER") == "off", reason="switched off")
def test_where_there_is_a_compiler_there_is_the_helper():
    needs_compiler()
    assert compiled.kernel is not None


def test_it_can_be_switched_off():
    probe = "from geo import compiled; print(compiled.kernel)"
    environment = {**os.environ, "LOOKOUT_HELPER": "off"}
    assert subprocess.check_output([sys.executable, "-c", probe], env=environment, text=True) == "None\n"


def test_a_library_that_is_missing_or_none_of_ours_is_not_used(tmp_path):
    assert compiled.load(tmp_path / "none.so") is None
    (tmp_path / "text.so").write_text("no library")
    assert compiled.load(tmp_path / "text.so") is None
    assert compiled.load(Path(sys.modules["_ctypes"].__file__)) is None


@pytest.mark.skipif(compiled.kernel is None, reason="no compiled helper here")
def test_a_library_of_another_layout_is_not_used(monkeypatch):
    class Other(ctypes.Structure):
        _fields_ = (*Layout._fields_, ("one_more", ctypes.c_int64))

    monkeypatch.setattr(compiled, "Layout", Other)
    assert compiled.load() is None


@pytest.mark.parametrize("native", [True, False])
def test_the_hook_builds_a_library_that_loads(hook, native):
    needs_compiler()
    assert hook.build(native=native) is None
    assert compiled.load(hook.LIBRARY) is not None
    assert list(hook.LIBRARY.parent.iterdir()) == [hook.LIBRARY]


def test_without_a_compiler_the_helper_is_left_out_and_an_older_one_goes(hook, monkeypatch):
    hook.LIBRARY.write_text("of other sources")
    monkeypatch.setattr(hook, "compiler", lambda: None)
    assert hook.build(native=True) == "no C compiler"
    assert not hook.LIBRARY.exists()


def test_a_compiler_that_fails_leaves_nothing_behind_and_says_why(hook, monkeypatch):
    monkeypatch.setenv("CC", f"{sys.executable} -c raise(SystemExit('no'))")
    assert "exit status 1" in hook.build(native=True)
    assert list(hook.LIBRARY.parent.iterdir()) == []
