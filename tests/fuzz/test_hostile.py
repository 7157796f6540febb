"""Documents made to hurt: each gets its answer in bounded time and memory."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from desk import FIXTURES

from alerts import checking
from alerts.cap_xml import MAX_BYTES
from alerts.problems import Policy

NOW = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
GOOD = (FIXTURES / "cap" / "valid" / "full.xml").read_text()
HANG_S = 20.0  # CPU seconds; half a second here: what is quadratic in these sizes takes minutes
RING = "38.20,-121.80 38.20,-121.10 38.75,-121.10 38.75,-121.80 38.20,-121.80"
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
ZIGZAG = " ".join(f"{40 if n % 2 else 10},{n * 1e-4:.4f}" for n in range(60_000))
TANGLE = " ".join(f"{(n * 7919) % 80},{(n * 104729) % 170}" for n in range(90_000))


def filled(inside: str, times: int = 1) -> str:
    return GOOD.replace("<areaDesc>Sacramento County</areaDesc>", f"<areaDesc>x</areaDesc>{inside * times}")


HOSTILE = {
    "deep": "<a>" * 200_000,
    "deep alert": GOOD.replace("<info>", "<info>" * 20_000),
    "wide": GOOD.replace("<info>", "<hurry/>" * 120_000 + "<info>"),
    "attributes": GOOD.replace("<info>", "<info " + " ".join(f'a{n}="1"' for n in range(60_000)) + ">"),
    "laughs": GOOD.replace("<alert ", f'<!DOCTYPE alert [<!ENTITY a0 "x">{LAUGHS}]><alert ').replace("Robin", "&a29;"),
    "quadratic": GOOD.replace("<alert ", f'<!DOCTYPE alert [<!ENTITY a "{"x" * 50_000}">]><alert ').replace("Robin", "&a;" * 50_000),
    "polygons": filled(f"<polygon>{RING}</polygon>", 12_000),
    "crossing polygons": filled("<polygon>0,0 1,1 0,1 1,0 0,0</polygon>", 20_000),
    "circles": filled("<circle>0,0 900</circle>", 30_000),
    "zigzag": filled(f"<polygon>{ZIGZAG}</polygon>"),
    "tangle": filled(f"<polygon>{TANGLE}</polygon>"),
    "references": GOOD.replace("</note>", "</note><references>" + "a,b,2026-01-01T00:00:00-00:00 " * 30_000 + "</references>"),
    "comments": GOOD.replace("<info>", "<!-- x -->" * 90_000 + "<info>"),
    "digits": GOOD.replace("<size>3<", f"<size>{'9' * 500_000}<"),
    "one number": GOOD.replace(RING, "1" * 900_000),
    "spaces": GOOD.replace(RING, " \t" * 400_000),
    "commas": GOOD.replace(RING, "1 ," * 300_000),
    "too large": GOOD.replace("Robin", "x" * (2 * MAX_BYTES)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_gets_its_answer_in_time(name: str) -> None:
    body = HOSTILE[name].encode()
    for policy in (Policy.CORE, Policy.IMPORT):
        begin = time.process_time()
        found = checking.check_cap(body, now=NOW, policy=policy, names=("ipaws", "google"))
        took_s = time.process_time() - begin
        assert found.outcome in {"invalid", "not_cap"} or name in {"comments", "references"}
        assert took_s < HANG_S, f"{took_s:.2f} s"
        assert len(found.problems) < 5_000
