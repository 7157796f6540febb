"""Alerts made of records and of earlier alerts, and the notices they become."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from desk import NOW, ORIGIN

from alerts import area, cap, compose, notice, sealing
from alerts.compose import HeldPhoto
from alerts.lifecycle import Approve, Cancel, Content, Incident, Submit, apply
from alerts.model import MsgType, Reference
from notifiers.model import Kind

PAGE = "https://alerts.example/a/token"


@pytest.fixture
def alert(read, record):
    return read(record).alert


def freeze(alert, gazetteer, **more):
    given = {"incident_token": "token", "version": 1, "number": 1, "kind": Kind.ALERT, "reach": 7, "page_url": PAGE}
    shape = area.effective(alert, gazetteer).shape
    return notice.from_alert(alert, area=shape, now=NOW, **given | more)


def test_drawn_parts_and_codes_are_blocks_of_their_own_so_that_cap_says_their_union(read, record, gazetteer) -> None:
    record["area"] = {"same": ["006067"], "circles": [{"lon": -100.0, "lat": 35.0, "radius_m": 500}]}
    alert = read(record).alert
    again = cap.read(cap.write(alert)).alert
    assert len(alert.areas) == 2
    assert again is not None
    assert area.effective(again, gazetteer).shape.digest() == area.effective(alert, gazetteer).shape.digest()


def test_a_long_list_of_places_is_cut_to_a_line_and_the_rest_counted(read, record, gazetteer) -> None:
    record["area"] = {"same": [code for code, _ in gazetteer.search("county, co", 60)]}
    alert = read(record).alert
    said = alert.areas[0].description
    assert len(said) <= 200
    assert said.endswith("more")
    assert compose.enlarged(alert, alert.areas, NOW).record.area.same == record["area"]["same"]


def test_a_record_as_cap_says_what_the_record_says(alert) -> None:
    again = cap.read(cap.write(alert)).alert
    assert again is not None
    assert [info.headline for info in again.infos] == [info.headline for info in alert.infos]
    assert again.infos[0].contact == "Example Sheriff's Office, +1 303 555 0117"
    assert (again.infos[0].event_codes, again.expires_at) == ((("SAME", "CAE"),), alert.expires_at)


def test_an_update_refers_to_the_message_it_replaces_and_is_later(alert) -> None:
    update = compose.as_update(alert, alert, NOW - timedelta(hours=1))
    assert update.msg_type is MsgType.UPDATE
    assert update.references == (Reference(ORIGIN.sender, alert.identifier, alert.sent_at),)
    assert update.sent_at > alert.sent_at


def test_an_enlarged_alert_says_the_same_elsewhere(alert, gazetteer) -> None:
    wider = compose.areas_of(alert.record.area.model_copy(update={"same": ["006000"]}), gazetteer.name)
    enlarged = compose.enlarged(alert, wider, NOW)
    assert enlarged.identifier != alert.identifier
    assert enlarged.areas == wider
    assert enlarged.record.area.same == ["006000"]
    assert [info.headline for info in enlarged.infos] == [info.headline for info in alert.infos]


def test_new_photos_get_their_ids_in_order_and_known_ones_keep_theirs(read, record) -> None:
    record["photos"] = [{"base64": "QUJD", "description": "new"}, {"photo_id": 4}, {"base64": "REVG"}]
    alert = compose.with_photos(read(record).alert, [HeldPhoto(8, 100), HeldPhoto(9, 200)])
    assert [photo.photo_id for photo in alert.record.photos] == [8, 4, 9]
    assert [(r.photo_id, r.size, r.description) for r in alert.infos[1].resources] == [
        (8, 100, "new"),
        (4, None, "Photo"),
        (9, 200, "Photo"),
    ]


def test_a_notice_holds_all_that_a_worker_needs(alert, gazetteer) -> None:
    frozen = freeze(compose.with_photos(alert, []), gazetteer)
    assert (frozen.status, frozen.tests_only, frozen.expires_at) == ("Exercise", True, alert.expires_at)
    assert frozen.area_digest == gazetteer.get("006067").digest()
    assert list(frozen.texts) == ["en", "es"]
    assert frozen.last_seen == (-121.4944, 38.5816)
    assert frozen.sender_name == "Front Range Example Sheriff"


def test_the_cap_of_a_notice_links_to_the_page_and_its_photos(read, record, gazetteer) -> None:
    record["photos"] = [{"base64": "QUJD"}, {"base64": "REVG"}]
    alert = compose.with_photos(read(record).alert, [HeldPhoto(8), HeldPhoto(9)])
    sent = cap.read(freeze(alert, gazetteer).cap_xml).alert
    assert sent is not None
    assert sent.infos[0].web == PAGE
    assert [resource.uri for resource in sent.infos[0].resources] == [f"{PAGE}/photo/1.jpg", f"{PAGE}/photo/2.jpg"]


def test_the_cap_of_a_notice_withholds_what_is_not_released(read, record, gazetteer) -> None:
    record["attestation"]["statement"] = "A neighbour saw it."
    record["ncic"]["number"] = "M123456789"
    alert = read(record).alert
    sent, kept = freeze(alert, gazetteer).cap_xml, cap.write(alert)
    assert b"urn:lookout:record:1#/children/0/" in sent
    for secret in (b"A neighbour saw it.", b"M123456789"):
        assert secret not in sent
        assert secret in kept


def test_the_notice_has_the_short_texts_that_were_approved(read, record, gazetteer) -> None:
    record["texts"] = {"en": {"wireless_360": "Look for a red car.", "push_body": "A red car."}}
    said = freeze(read(record).alert, gazetteer).texts["en"]
    assert (said.wireless_360, said.push_body) == ("EXERCISE: Look for a red car.", "A red car.")
    assert said.push_title.startswith("EXERCISE: Missing child")


def test_the_notice_of_the_end_holds_nothing_of_the_child() -> None:
    content = Content("c", "a", 1, NOW + timedelta(hours=1))
    incident = apply(apply(Incident(), Submit(1, content), NOW), Approve(2, 1, "c", "a", 1), NOW)
    ended = notice.over(
        apply(incident, Cancel(1), NOW), incident_token="token", status="Exercise", why="cancelled",
        sender_name="Example", page_url=PAGE, now=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    assert (ended.kind, ended.version, ended.number, ended.area, ended.cap_xml) == (Kind.CANCEL, 2, 2, None, b"")
    assert "Robin" not in repr(ended)


def test_an_alert_without_expiry_never_becomes_a_notice(read, sample, gazetteer) -> None:
    cancel = read(sample("ipaws-signed-cancel.xml"), "application/cap+xml").alert
    with pytest.raises(ValueError, match="expiry"):
        freeze(cancel, gazetteer)


def test_what_is_sealed_opens_the_same(alert, read, sample) -> None:
    imported = read(sample("oasis-cap-1.2-a4-amber.xml"), "application/cap+xml").alert
    for one in (alert, imported):
        assert sealing.load_alert(sealing.dump_alert(one)) == one


def test_the_content_hash_covers_words_area_and_photos(alert) -> None:
    later = compose.as_update(alert, alert, NOW)
    hashes = [
        sealing.content_hash(b"k", alert, "a", ["p"]),
        sealing.content_hash(b"k", later, "a", ["p"]),
        sealing.content_hash(b"k", alert, "b", ["p"]),
        sealing.content_hash(b"k", alert, "a", ["q"]),
        sealing.content_hash(b"k", alert, "a", ["p", ""]),
        sealing.content_hash(b"k", alert, "ap", []),
    ]
    assert len(set(hashes)) == len(hashes)
    assert sealing.content_hash(b"k", sealing.load_alert(sealing.dump_alert(alert)), "a", ["p"]) == hashes[0]


def test_an_edited_short_text_changes_what_an_approval_is_bound_to(read, record) -> None:
    before = read(record).alert
    record["texts"] = {"en": {"wireless_90": "Look for a red car."}}
    after = replace(read(record).alert, identifier=before.identifier)
    assert sealing.content_hash(b"k", before, "a") != sealing.content_hash(b"k", after, "a")
