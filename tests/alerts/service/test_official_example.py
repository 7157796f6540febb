"""The official AMBER example of the CAP standard, from the standard's own files where they are at hand."""

from pathlib import Path

import pytest

from alerts import agencies
from alerts.errors import Over
from alerts.service import decide, submit
from alerts.service.drafting import read_document
from notifiers.transactions import writing

EXAMPLE = Path(__file__).parents[4] / "shared" / "data" / "cap" / "oasis-cap-1.2-a4-amber.xml"


@pytest.fixture
def californian(house):
    now, gazetteer = house.clock(), house.services.gazetteer
    with writing(house.services.engine) as connection:
        agency = agencies.add_agency(
            connection,
            code="CHP",
            name="California Example",
            programme="us-amber",
            sender="chp@agency.example",
            jurisdiction=gazetteer.get("006000"),
            now=now,
        )
        return [
            agencies.add_officer(connection, name=name, roles=agencies.OFFICER, agency=agency, now=now)
            for name in ("First", "Second")
        ]


@pytest.mark.skipif(not EXAMPLE.exists(), reason="the standard's example files are not beside this checkout")
def test_the_official_example_is_accepted_as_an_import_and_too_old_to_be_sent(house, californian):
    first, second = californian
    document = read_document(house.services, first, EXAMPLE.read_bytes(), "application/cap+xml")
    left = submit.submit(house.services, first, document)
    assert left.state == "pending approval"
    assert left.area.digest() == house.services.gazetteer.get("006037").digest()
    with pytest.raises(Over, match="too long ago"):
        decide.approve(house.services, second, left.id, left.content_hash)
