"""What is not documented fails here: settings, commands, dependencies, imported columns."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from alerts import cli, roll
from alerts.settings import describe

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_readme_lists_every_setting_with_its_default_and_words():
    for setting in describe():
        default = f"`{setting.default}`" if setting.default else ""
        assert f"| `{setting.variable}` | {default} | {setting.doc} |" in README


def test_the_readme_names_every_command():
    for name in cli.COMMANDS:
        assert f"`lookout {name}" in README, name


def test_every_dependency_has_its_sentence():
    text = (ROOT / "docs" / "dependencies.md").read_text().lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = [re.split(r"[<>=\[;~! ]", one)[0].lower() for one in wanted]
    assert [name for name in names if name not in text] == []


def test_every_column_of_a_roll_is_described():
    text = (ROOT / "docs" / "import-users.md").read_text()
    assert [name for name in roll.COLUMNS if f"`{name}`" not in text] == []


def test_links_in_the_readme_lead_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
