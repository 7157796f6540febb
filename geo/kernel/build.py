"""Builds the compiled helper, geo/_kernel.so, when Lookout is installed; by hand: `python geo/kernel/build.py`.

The compiler is $CC, else the system's `cc`, `gcc` or `clang`, else that of the wheel `ziglang`, which a build in
isolation brings along where there is no other. A machine that can compile nothing goes without: numpy does the same.
What is installed in place (editable) is built for this very machine; a wheel for every x86-64 since 2013.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from platform import machine
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent
LIBRARY = HERE.parent / "_kernel.so"
ZIG = "ziglang==0.17.1"
_FLAGS = ("-std=c11", "-O3", "-g0", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Wextra")
_TIMEOUT_S = 300


def compiler() -> list[str] | None:
    """The command, or None."""
    if chosen := os.environ.get("CC"):
        return shlex.split(chosen)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    return [sys.executable, "-m", "ziglang", "cc"] if importlib.util.find_spec("ziglang") else None


def build(*, native: bool) -> str | None:
    """Why there is no helper now, or None. An older one does not stay: it would not be of these sources."""
    command = compiler()
    LIBRARY.unlink(missing_ok=True)
    if command is None:
        return "no C compiler"
    sources = sorted(str(source) for source in HERE.glob("*.c"))
    with tempfile.TemporaryDirectory(dir=LIBRARY.parent, prefix=".kernel-") as room:
        made = Path(room) / LIBRARY.name
        try:
            _run([*command, *_FLAGS, *_machine(command, native=native), "-o", str(made), *sources, "-lm"])
        except (OSError, subprocess.SubprocessError) as failed:
            return f"{failed}: {getattr(failed, 'stderr', '') or ''}"
        made.replace(LIBRARY)
    return None


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIMEOUT_S)  # noqa: S603


def _machine(command: list[str], *, native: bool) -> list[str]:
    kind = machine().lower()
    if kind in {"x86_64", "amd64"}:
        every = "x86_64_v3" if "ziglang" in command else "x86-64-v3"
        return ["-march=native" if native else f"-march={every}"]
    return ["-mcpu=native"] if native and kind in {"aarch64", "arm64"} else []


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs the wheel, or writes the editable one."""

    def dependencies(self) -> list[str]:
        return [ZIG] if compiler() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        why_not = build(native=version == "editable")
        if why_not:
            self.app.display_warning(f"the compiled helper is left out ({why_not}); numpy does its work, slower")
        elif version != "editable":
            build_data["artifacts"].append("geo/_kernel.so")
            build_data["pure_python"], build_data["infer_tag"] = False, True


if __name__ == "__main__":
    sys.exit(build(native=True))
