"""A tip's box opens with the agency's key, as the tip that it is, and in no other way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import tip_box
from alerts.tip_box import Bound, CannotOpen, NotATipKey, Said

BOUND = Bound("t0ken", "CBI", "7KQ-M2XH9PA")
SAID = Said("A silver car", "Exit 12", "at three", "+1 303 555 0199", -104.99, 39.74, "en")


@given(st.builds(Said, what=st.text(max_size=1000), where=st.text(max_size=200), contact=st.text(max_size=200)))
def test_what_was_said_comes_out_as_it_went_in(said):
    pair = tip_box.new_pair()
    assert tip_box.open_box(pair.private, tip_box.seal(pair.public, said, BOUND), BOUND) == said


@pytest.mark.parametrize("other", [{"alert": "another"}, {"agency": "UBI"}, {"reference": "7KQ-M2XH9PB"}])
def test_a_box_opens_as_no_other_tip(other):
    pair = tip_box.new_pair()
    box = tip_box.seal(pair.public, SAID, BOUND)
    with pytest.raises(CannotOpen):
        tip_box.open_box(pair.private, box, replace(BOUND, **other))


def test_a_box_opens_with_no_other_key_and_not_with_a_byte_changed():
    pair, other = tip_box.new_pair(), tip_box.new_pair()
    box = tip_box.seal(pair.public, SAID, BOUND)
    for private, tried in ((other.private, box), (pair.private, box[:-1] + bytes([box[-1] ^ 1])), (pair.private, b"")):
        with pytest.raises(CannotOpen):
            tip_box.open_box(private, tried, BOUND)


def test_the_length_of_a_box_does_not_tell_one_sentence_from_another():
    public = tip_box.new_pair().public
    assert len({len(tip_box.seal(public, Said("x" * n), BOUND)) for n in (1, 50, 300, 700)}) == 1


def test_keys_are_read_as_they_are_written_and_no_other_kind_is_taken():
    pair = tip_box.new_pair()
    private, public = tip_box.write_pair(pair)
    assert (tip_box.read_private(private), tip_box.read_public(public.decode())) == (pair.private, pair.public)
    for wrong in ("", "no PEM", private.decode()):
        with pytest.raises(NotATipKey):
            tip_box.read_public(wrong)
    with pytest.raises(NotATipKey):
        tip_box.read_private(public)
