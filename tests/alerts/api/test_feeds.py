"""The public feeds over HTTP: who is in them, how long they are kept, and what is left of a child when it is over."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import shapely
from atom_rules import ATOM, faults
from lxml import etree
from PIL import Image
from sqlalchemy import event, update

from alerts import cap
from alerts.feeds_out import Shelf
from alerts.service import end
from alerts.tables import incident
from notifiers.tables import notice
from notifiers.transactions import writing

ATOM_AT, GEOJSON_AT = "/v1/feeds/alerts.atom", "/v1/feeds/alerts.geojson"
NAME, PLATE = "Zephyrine Quillfeather", "QZX-9071"
BOTH_FEEDS = pytest.mark.parametrize("path", [ATOM_AT, GEOJSON_AT])


class Ticks:
    """A monotonic clock that goes two seconds on with every look, so that each request sees what is now."""

    at = 0.0

    def __call__(self) -> float:
        self.at += 2
        return self.at


@pytest.fixture
def client(client, app, house):
    app.state.shelf = Shelf(house.services, Ticks())
    return client


@pytest.fixture
def actual(in_force, make_record):
    """An Actual alert in force whose child, plate and photo can be told from everything else."""
    picture = io.BytesIO()
    Image.new("RGB", (600, 800), "orange").save(picture, "JPEG")
    child = make_record()["children"][0] | {"name": NAME}
    vehicle = (make_record().get("vehicles") or [{}])[0] | {"plate": PLATE}
    photos = [{"base64": base64.b64encode(picture.getvalue()).decode()}]

    def submitted(**changes):
        given = {"status": "Actual", "children": [child], "vehicles": [vehicle], "photos": photos, "texts": None}
        return in_force(**(given | changes))

    return submitted


def token_of(client) -> str:
    [feature] = client.get(GEOJSON_AT).json()["features"]
    return feature["id"]


def everything(client, token) -> str:
    return "\n".join(client.get(path).text for path in (ATOM_AT, GEOJSON_AT, f"/v1/cap/{token}"))


def test_an_alert_in_force_is_a_valid_entry_with_a_link_to_its_cap(client, actual):
    actual()
    answer = client.get(ATOM_AT)
    root = etree.fromstring(answer.content)
    assert faults(root) == []
    assert answer.headers["content-type"].startswith("application/atom+xml")
    [link] = root.findall(f"{ATOM}entry/{ATOM}link[@type='application/cap+xml']")
    assert client.get(link.get("href").partition(":8000")[2]).status_code == 200


def test_the_feed_of_an_empty_house_is_valid(client):
    assert faults(etree.fromstring(client.get(ATOM_AT).content)) == []
    assert client.get(GEOJSON_AT).json() == {"type": "FeatureCollection", "features": []}


def test_the_areas_are_polygons_that_a_map_reads(client, actual):
    actual(area={"circles": [{"lon": -104.99, "lat": 39.74, "radius_m": 5000}]})
    [feature] = client.get(GEOJSON_AT).json()["features"]
    drawn = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert drawn.is_valid
    assert drawn.contains(shapely.Point(-104.99, 39.74))
    assert all(part.exterior.is_ccw for part in drawn.geoms)
    assert feature["properties"]["circles"] == [[-104.99, 39.74, 5000.0]]


def test_the_cap_by_id_is_the_message_as_it_was_sent_and_reads_strictly(client, house, actual):
    from notifiers import notices
    from notifiers.transactions import reading

    actual()
    answer = client.get(f"/v1/cap/{token_of(client)}")
    with reading(house.services.engine) as connection:
        sent = notices.get(connection, house.services.vault, house.fanned_out[-1]).cap_xml
    assert answer.content == sent
    assert answer.headers["content-type"].startswith("application/cap+xml")
    assert cap.read(answer.content).alert.msg_type == "Alert"


@pytest.mark.parametrize("how", ["cancel", "expire", "clock"])
def test_once_over_nothing_of_the_child_is_left_anywhere(client, house, actual, how):
    alert = actual()
    token = token_of(client)
    before = everything(client, token)
    needles = [NAME, NAME.split(maxsplit=1)[0], PLATE, f"/a/{token}/photo/"]
    assert [needle for needle in needles if needle not in before] == []
    if how == "cancel":
        end.cancel(house.services, house.submitter, alert["id"])
    else:
        house.clock.pass_time(days=3)
    if how == "expire":
        from alerts import store

        expire_by_the_house_clock(house, store)
    after = everything(client, token)
    assert [needle for needle in needles if needle in after] == []
    assert client.get(GEOJSON_AT).json()["features"] == []


def expire_by_the_house_clock(house, store) -> None:
    """As the schedule does it, on the clock of the test: the database's own cannot be put forward."""
    from notifiers.transactions import reading

    with reading(house.services.engine) as connection:
        due = [row.id for row in store.list_due(connection, house.clock())]
    assert due
    for incident_id in due:
        end._expire(house.services, incident_id, end.always)


def test_once_over_the_cap_by_id_is_a_valid_cancel_of_what_was_sent(client, house, actual):
    alert = actual()
    path = f"/v1/cap/{token_of(client)}"
    sent = cap.read(client.get(path).content).alert
    end.cancel(house.services, house.submitter, alert["id"])
    cancel = cap.read(client.get(path).content).alert
    assert (cancel.msg_type, cancel.sender, cancel.status) == ("Cancel", sent.sender, "Actual")
    assert [(one.identifier, one.sent_at) for one in cancel.references] == [(sent.identifier, sent.sent_at)]
    assert cancel.sent_at > sent.sent_at


def test_the_end_stays_in_the_feed_for_a_day_and_is_gone_then(client, house, actual):
    alert = actual()
    token = token_of(client)
    end.cancel(house.services, house.submitter, alert["id"])
    root = etree.fromstring(client.get(ATOM_AT).content)
    assert faults(root) == []
    assert [one.get("term") for one in root.iter(f"{ATOM}category")] == ["cancel"]
    house.clock.pass_time(hours=25)
    assert etree.fromstring(client.get(ATOM_AT).content).find(f"{ATOM}entry") is None
    assert client.get(f"/v1/cap/{token}").status_code == 410


def test_an_identifier_that_names_the_child_has_no_cancel(client, house, actual):
    alert = actual(identifier="CBI-zephyrine-1", sent_at=datetime.now(UTC).isoformat(timespec="seconds"))
    token = token_of(client)
    assert "zephyrine" in client.get(f"/v1/cap/{token}").text
    end.cancel(house.services, house.submitter, alert["id"])
    assert client.get(f"/v1/cap/{token}").status_code == 410
    assert "zephyrine" not in everything(client, token).lower()


@pytest.mark.parametrize("status", ["Test", "Exercise", "System"])
def test_a_drill_is_in_no_feed_neither_while_it_runs_nor_after(client, house, actual, status):
    alert = actual(status="Exercise")
    with writing(house.services.engine) as connection:  # a record cannot say System, a CAP message can
        connection.execute(update(notice).values(status=status))
        connection.execute(update(incident).values(status=status))
    in_no_feed(client, alert["page_url"].rpartition("/")[2])
    end.cancel(house.services, house.submitter, alert["id"])
    in_no_feed(client, alert["page_url"].rpartition("/")[2])


def in_no_feed(client, token) -> None:
    assert client.get(GEOJSON_AT).json()["features"] == []
    assert etree.fromstring(client.get(ATOM_AT).content).find(f"{ATOM}entry") is None
    assert client.get(f"/v1/cap/{token}").status_code == 404


def test_what_waits_for_its_second_person_is_in_no_feed(client, submit):
    left = submit(status="Actual")
    assert client.get(GEOJSON_AT).json()["features"] == []
    assert left["id"] not in client.get(ATOM_AT).text
    assert client.get("/v1/cap/nothing").status_code == 404


@BOTH_FEEDS
def test_what_a_reader_has_already_is_not_sent_again(client, house, actual, path):
    alert = actual()
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"if-none-match": f'"x", W/{tag}'}).status_code == 304
    end.cancel(house.services, house.submitter, alert["id"])
    assert client.get(path, headers={"if-none-match": tag}).status_code == 200


@BOTH_FEEDS
def test_unchanged_since_is_said_only_where_it_is_sure(client, house, actual, path):
    alert = actual()
    early = client.get(path).headers["last-modified"]
    assert client.get(path, headers={"if-modified-since": early}).status_code == 200
    house.clock.pass_time(seconds=10)
    sure = client.get(path).headers["last-modified"]
    assert client.get(path, headers={"if-modified-since": sure}).status_code == 304
    assert client.get(path, headers={"if-modified-since": sure, "if-none-match": '"other"'}).status_code == 200
    end.cancel(house.services, house.submitter, alert["id"])
    assert client.get(path, headers={"if-modified-since": sure}).status_code == 200


@pytest.mark.parametrize("since", ["", "soon", "Thu, 99 Foo 2026", "Mon, 23 Nov 2026 04:00:00 -0000"])
def test_a_date_that_is_none_is_as_if_not_there(client, since):
    assert client.get(ATOM_AT, headers={"if-modified-since": since}).status_code == 200


def test_an_empty_feed_can_be_asked_for_by_date(client):
    now = format_datetime(datetime.now(UTC) - timedelta(minutes=1), usegmt=True)
    assert client.get(ATOM_AT, headers={"if-modified-since": now}).status_code == 304


@pytest.mark.parametrize("path", [ATOM_AT, GEOJSON_AT, "/v1/cap/{token}"])
def test_head_says_what_get_says_without_the_body(client, actual, path):
    actual()
    path = path.format(token=token_of(client))
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert [head.headers[name] for name in ("etag", "content-type", "content-length")] == [
        got.headers[name] for name in ("etag", "content-type", "content-length")
    ]
    assert got.headers["cache-control"] == "public, max-age=2, must-revalidate"


def test_a_crowd_of_a_second_costs_one_look_at_the_database(client, app, house, actual):
    actual()
    token = token_of(client)
    app.state.shelf = Shelf(house.services, lambda: 0.0)
    asked: list[str] = []
    event.listen(house.services.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    everything(client, token)
    first = len(asked)
    for _ in range(20):
        everything(client, token)
    assert first > 0
    assert len(asked) == first


def test_the_api_says_where_its_feeds_stand(client):
    found = client.get("/v1/feeds").json()
    assert found["atom"].endswith(ATOM_AT)
    assert found["geojson"].endswith(GEOJSON_AT)
    described = client.get("/openapi.json").json()["paths"]
    assert "application/cap+xml" in described["/v1/cap/{token}"]["get"]["responses"]["200"]["content"]


def test_a_look_without_a_reader_lets_go_of_what_ended(house, actual, post):
    shelf, alert = Shelf(house.services, Ticks()), actual()
    assert NAME.encode() in shelf.now().atom.content
    post(f"/v1/alerts/{alert['id']}/cancel")
    assert NAME.encode() not in shelf.now().atom.content
    assert NAME not in repr(vars(shelf))
