"""A roll as CSV: what breaks it is named with its line, before anybody is enrolled."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts import roll
from alerts.roll_csv import CsvRoll

NOW = datetime(2026, 5, 1, tzinfo=UTC)
HEADER = "person,lon,lat,channel,email,consent_how,consented_at,consent_words\n"
GOOD = "1,-121.5,38.6,email,ana@example.org,web form,2026-01-02T03:04:05+01:00,Yes please\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text: str | bytes):
        path = tmp_path / "roll.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(CsvRoll(path).rows())

    return read_text


def test_rows_have_the_line_they_begin_on(read):
    assert [row.line for row in read(HEADER + GOOD + "\n" + GOOD.replace("Yes please", '"Yes,\nplease"') + GOOD)] == [
        2,
        4,
        6,
    ]


def test_a_byte_order_mark_is_no_part_of_the_first_column(read):
    assert len(read("\ufeff" + HEADER + GOOD)) == 1


@pytest.mark.parametrize("text", [b"\xff\xd8\xff", HEADER.encode() + GOOD.encode() + b"\xff\n"])
def test_a_file_that_is_not_utf_8_is_no_roll(read, text):
    with pytest.raises(roll.NotARoll, match=r"line \d.* not UTF-8"):
        read(text)


def test_a_file_without_the_columns_is_no_roll(read):
    with pytest.raises(roll.NotARoll, match="consent_how"):
        read("lon,lat\n1,2\n")
    with pytest.raises(roll.NotARoll, match="missing"):
        read("")


def test_a_column_that_stands_twice_is_refused(read):
    with pytest.raises(roll.NotARoll, match="twice: email"):
        read(HEADER.replace("channel", "email").replace("person", "person,channel"))


def test_a_quote_that_is_not_closed_is_named_with_its_line_before_any_row_is_read(tmp_path):
    path = tmp_path / "roll.csv"
    path.write_text(HEADER + GOOD + GOOD.replace("Yes", '"Yes') + GOOD)
    rows = CsvRoll(path).rows()
    with pytest.raises(roll.NotARoll, match="line 3 is not CSV: a quote is opened here and not closed"):
        next(rows)


def test_a_quote_that_swallows_half_the_file_is_named_with_its_line(read):
    with pytest.raises(roll.NotARoll, match=r"line 2 is not CSV.*is a quote not closed"):
        read(HEADER + GOOD.replace("Yes", '"Yes') + GOOD * 3000 + GOOD.replace("Yes please", 'Yes"') + GOOD)


@pytest.mark.parametrize(("change", "said"), [(",extra\n", "more"), ("\n", None), ("", None)])
def test_a_row_of_another_length_is_a_fault_of_that_row(read, change, said):
    [row] = read(HEADER + GOOD.rstrip("\n") + change)
    assert row.faults == ((f"the row has {said} fields than the first line",) if said else ())
    [short] = read(HEADER + GOOD.rpartition(",")[0] + "\n")
    assert short.faults == ("the row has fewer fields than the first line",)


def test_columns_that_mean_nothing_are_noted(tmp_path):
    path = tmp_path / "roll.csv"
    path.write_text(
        HEADER.replace("email,", "email,colour,") + GOOD.replace("ana@example.org,", "ana@example.org,red,")
    )
    source = CsvRoll(path)
    [row] = source.rows()
    assert (source.unused, "colour" in row.cells) == (("colour",), False)
