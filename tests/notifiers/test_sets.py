from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifiers import bits
from notifiers.model import FINAL, Result
from notifiers.sets import COUNTED, Sets, columns

SIZE = 12
masks = st.integers(0, 2**SIZE - 1)
steps = st.one_of(
    st.tuples(st.just("start"), masks),
    st.tuples(st.sampled_from(FINAL), masks),
    st.tuples(st.just("give_back"), masks),
    st.tuples(st.just("doubt"), masks),
    st.tuples(st.just("drop_waiting"), masks),
)


def step(sets: Sets, name, mask) -> Sets:
    if isinstance(name, Result):
        return sets.settle(name, mask)
    return sets.drop_waiting() if name == "drop_waiting" else getattr(sets, name)(mask)


@given(st.lists(steps, max_size=30))
def test_every_position_is_in_exactly_one_state_whatever_happens(history):
    sets = Sets(SIZE)
    for name, mask in history:
        before, sets = sets, step(sets, name, mask)
        members = [getattr(sets, word) for word in COUNTED]
        assert sum(word.bit_count() for word in [*members, sets.waiting]) == SIZE
        assert before.settled & ~sets.settled == 0, "what is settled stays settled"
        assert sets.doubted & sets.settled == 0


@given(st.lists(steps, max_size=30))
def test_who_may_have_been_told_is_never_forgotten(history):
    sets, ever_told = Sets(SIZE), 0
    for name, mask in history:
        sets = step(sets, name, mask)
        ever_told |= sets.sent | sets.in_doubt | sets.doubted
        assert ever_told & ~(sets.told | sets.gone) == 0


def test_a_doubted_position_that_is_dropped_ends_in_doubt():
    sets = Sets(3).start(0b111).doubt(0b001).give_back(0b011).drop_waiting()
    assert (sets.in_doubt, sets.dropped, sets.in_flight) == (0b001, 0b010, 0b100)


def test_only_what_waits_can_start():
    sets = Sets(4).start(0b0011).settle(Result.SENT, 0b0001).start(0b1111)
    assert (sets.sent, sets.in_flight) == (0b0001, 0b1110)


def test_the_counts_stored_are_those_of_the_sets():
    stored = columns(Sets(4).start(0b1110).settle(Result.GONE, 0b0110))
    assert (stored["n_gone"], stored["n_in_flight"], stored["gone"]) == (2, 1, bits.pack(0b0110, 4))


def test_what_was_doubted_and_started_again_is_known_for_good():
    sets = Sets(4).start(0b0111).doubt(0b0011).give_back(0b0111)
    again = sets.start(0b0101)
    assert again.repeated == 0b0001
    assert again.settle(Result.SENT, 0b0101).drop_waiting().repeated == 0b0001
