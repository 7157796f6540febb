"""Scripts of one page share one scope: a name declared twice would silence the second of them whole."""

import re
from collections import Counter
from pathlib import Path

import pytest

from alerts import pages

HERE = Path(pages.__file__).parent
TEMPLATES = sorted(path.name for path in (HERE / "templates").glob("*.html"))
NAME = re.compile(r"^(?:const|let|var|class|function|async function) (\w+)", re.MULTILINE)
SEVERAL = re.compile(r"^(?:const|let) [\[{](.+?)[\]}] =", re.MULTILINE)
MORE = re.compile(r"^(?:const|let) .*?;$", re.MULTILINE)


def declared(script):
    text = (HERE / "static" / script).read_text()
    names = NAME.findall(text)
    for one in SEVERAL.findall(text):
        names += [name.split(":")[-1].strip() for name in one.split(",")]
    for line in MORE.findall(text):  # const A = 1, B = 2;
        names += re.findall(r", (\w+) = [\w.]+(?=[,;])", line)
    return names


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_two_scripts_of_a_page_declare_the_same_name(template):
    scripts = set(re.findall(r"static\('(\w+\.js)'\)", (HERE / "templates" / template).read_text()))
    times = Counter(name for script in scripts for name in declared(script))
    assert [name for name, count in times.items() if count > 1] == []


def test_the_names_of_a_script_are_found():
    assert {"WAIT_MS", "AGAIN_MS", "LOOK_MS", "made", "keeping"} <= set(declared("keep.js"))
