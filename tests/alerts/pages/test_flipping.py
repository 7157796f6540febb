"""How old a copy of ours can be: what is over says so everywhere within five seconds."""

from __future__ import annotations

import re

from alerts import feeds_out
from alerts.api import feeds
from alerts.pages import memo, rack

WITHIN_S = 5.0


def test_no_page_feed_or_poster_of_ours_can_be_older_than_five_seconds():
    kept_by_caches = float(re.search(r"max-age=(\d+)", str(vars(feeds)))[1])
    oldest = {
        "page and photo": rack.LOOK_EVERY_S,
        "page without the database": rack.UNSURE_S + rack.LOOK_EVERY_S,
        "poster": memo.KEPT_S,
        "feed in a cache": feeds_out.LOOK_EVERY_S + kept_by_caches,
    }
    assert {name: age for name, age in oldest.items() if age > WITHIN_S - 1} == {}  # a second for the look itself
