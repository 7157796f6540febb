"""The Grafana dashboard and the Prometheus rules name only series that /metrics has, and say what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

ROOM = Path(__file__).parent.parent / "docs" / "monitoring"
RULES = [
    rule for group in yaml.safe_load((ROOM / "lookout-rules.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((ROOM / "lookout-dashboard.json").read_text())
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@pytest.fixture
def series(client) -> set[str]:
    """All names that a scrape knows, also of series that have no value yet."""
    client.get("/healthz")
    families = re.findall(r"^# TYPE (\S+) (\S+)$", client.get("/metrics").text, re.MULTILINE)
    suffixed = {
        f"{name}{end}" for name, kind in families if kind == "histogram" for end in ("_bucket", "_sum", "_count")
    }
    return {name for name, _ in families} | suffixed


def test_every_series_that_rules_and_dashboard_name_is_there(series):
    named = {name for expression in EXPRESSIONS for name in re.findall(r"lookout_\w+", expression)}
    assert len(named) > 15
    assert named - series == set()


def test_every_series_of_ours_is_on_the_dashboard_or_alarmed_on(series):
    """But for the moments at which counters began, which the client library adds."""
    text = " ".join(EXPRESSIONS)
    ours = {
        name for name in series if name.startswith("lookout_") and not name.endswith(("_created", "_sum", "_count"))
    }
    assert {name for name in ours if name not in text} - {"lookout_request_seconds", "lookout_origins"} == set()


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_rule_says_how_bad_it_is_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"page", "warn"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["description"].endswith(".")


def test_panels_lie_beside_each_other_and_have_numbers_of_their_own():
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
