"""How a worker works, in figures: the one place where they stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Params:
    """`window`: sends without a committed outcome, at most; so many can repeat if the worker is killed."""

    window: int = 256
    lease_s: float = 15.0
    claims_per_origin: int = 2
    claims_per_channel: int = 8  # so that a few origins that do not answer leave room for others
    checkpoint_every_s: float = 0.2
    confirm_every_s: float = 0.3
    fresh_s: float = 1.0  # how old the certainty may be that lease and notice stand
    idle_s: float = 0.2  # between two looks for work: a look at a ledger with nothing open costs about 1 ms
    alive_every_s: float = 1.0  # between two signs of life while sends are slow
    drain_s: float = 10.0  # for what is under way when it is told to stop
    ahead_rest_s: float = 0.05  # between two pieces of keyings: a third of a core, for minutes after an alert
    ahead_every_s: float = 5.0  # between two looks for keyings to make ahead, once all are made
