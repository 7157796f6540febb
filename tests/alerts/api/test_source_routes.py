"""Operators see how feeds of others do, ask one now, and stop one at once; nothing there tells of a child."""

import feeding
import pytest
from feeding import cap

from alerts.service import by_rule


@pytest.fixture
def ruled(house):
    feeds = feeding.make(house)
    source = feeds.rule(feeds.add())
    feeds.take(source, feeds.sign(cap(house.clock(), words="Ximena Example wears a green coat.")))
    by_rule.decide_due(house.services, source.id)
    return source


def test_a_source_and_its_log_are_shown_without_a_word_of_the_message(house, client, ruled):
    mine = house.headers("operator")
    [one] = client.get("/v1/feeds/sources", headers=mine).json()
    assert (one["name"], one["state"], one["rule_on"], one["reach_cap"]) == ("IPAWS", "new", True, 100)
    log = client.get(f"/v1/feeds/sources/{ruled.id}/log", headers=mine)
    assert [(line["outcome"], line["rule"]) for line in log.json()] == [("drafted", "approved")]
    assert "Ximena" not in log.text
    assert "X-1" not in log.text


def test_an_operator_stops_a_source_as_it_was_seen(house, client, ruled):
    mine, path = house.headers("operator"), f"/v1/feeds/sources/{ruled.id}"
    tag = client.get(path, headers=mine).headers["etag"]
    assert client.post(f"{path}/disable", headers=mine | {"If-Match": '"other"'}).status_code == 412
    assert client.delete(f"{path}/rule", headers=mine | {"If-Match": tag}).status_code == 204
    assert client.post(f"{path}/disable", headers=mine | {"If-Match": tag}).status_code == 412  # its rule is off now
    assert client.post(f"{path}/disable", headers=mine).status_code == 204
    left = client.get(path, headers=mine).json()
    assert (left["enabled"], left["rule_on"]) == (False, False)
    assert client.post(f"{path}/poll", headers=mine).status_code == 409


def test_asked_now_it_is_due_at_once(house, client, ruled):
    mine, path = house.headers("operator"), f"/v1/feeds/sources/{ruled.id}"
    assert client.post(f"{path}/poll", headers=mine).status_code == 204
    assert client.get(path, headers=mine).json()["next_poll_at"] is not None


def test_what_is_no_source_is_not_found(house, client):
    assert client.get("/v1/feeds/sources/7", headers=house.headers("operator")).status_code == 404


def test_metrics_tell_how_a_feed_does_and_what_became_of_its_messages(client, ruled):
    said = client.get("/metrics").text
    assert 'lookout_feed_messages_total{feed="IPAWS",outcome="drafted"} 1.0' in said
    assert 'lookout_feed_up{feed="IPAWS"} 0.0' in said  # it was never asked
