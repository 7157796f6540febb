"""The console: a photo of an ended alert is held, and a box says that it is meant again."""

from __future__ import annotations

import base64
import json

import pytest
from cast import FIXTURES

from alerts.errors import Refused
from alerts.pages import console_form, form_page
from alerts.pages.form_page import Held
from alerts.service import decide, end, submit
from alerts.service.drafting import read_document

PORTRAIT = base64.b64encode((FIXTURES / "photos" / "portrait.jpg").read_bytes()).decode()


def test_the_box_goes_with_every_photo_of_the_form():
    one = Held("u0", "/x", data=PORTRAIT)
    assert console_form._photo(one, {"photo_again": "yes"}) == {"base64": PORTRAIT, "again": True}
    assert console_form._photo(one, {}) == {"base64": PORTRAIT}


def test_what_is_held_is_told_beside_the_photo(house, make_record):
    def put(**photo):
        record = make_record(status="Actual", photos=[{"base64": PORTRAIT} | photo])
        read = read_document(house.services, house.submitter, json.dumps(record).encode(), "application/json")
        return submit.submit(house.services, house.submitter, read)

    first = put()
    decide.approve(house.services, house.approver, first.id, first.content_hash)
    end.cancel(house.services, house.submitter, first.id)
    with pytest.raises(Refused) as caught:
        put()
    faults, stray = form_page.sorted_faults(caught.value.problems, {})
    assert any("it is held" in text for text in faults["photos"])
    assert stray == []
