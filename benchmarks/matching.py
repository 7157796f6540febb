"""`python -m benchmarks.matching`: all figures of matching, over N people (ten million unless the environment says N).

One process on one core; whatever it starts stays on that core. An answer that differs between any two ends the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from benchmarks import (
    arriving,
    building,
    cluster,
    meridian,
    moving,
    peers,
    population,
    postgis,
    report,
    restarting,
    timing,
    within,
)
from benchmarks.areas import COAST, METRO, Area, all_areas
from benchmarks.population import People
from benchmarks.report import Row, at_least, at_most, figure
from benchmarks.within import Figures, Peer
from geo import RecipientIndex, compiled

PEOPLE = 10_000_000
FEW_HITS = 100_000
FEW_REPEATS = 3  # for peers that take seconds to answer
SMALL_SHARE = 10  # peers that take minutes to fill get a tenth of the people
COPIES = {METRO: (3.0, 20.0), COAST: (4.0, 25.0)}  # at most so many times the copy: with the helper, without
FRAME_MS = 16.0
MS, US = 1e3, 1e6


def main() -> None:
    count = int(os.environ.get("N", PEOPLE))
    core = timing.pin()
    print(f"{count:,} people, core {core}; CPU time; median of {timing.REPEATS} where not said otherwise\n")
    rows = []
    for row in _all(population.draw(count)):
        rows.append(row if count >= PEOPLE else report.unjudged(row))
        report.show(rows[-1])
    missed = [row.name for row in rows if row.reached is False]
    judged = f"{len(missed)} goals not reached{': ' if missed else ''}{', '.join(missed)}"
    print(f"\n{report.write(rows, count)}: {judged if count >= PEOPLE else f'the goals are for {PEOPLE:,} people'}")


def _all(people: People) -> Iterator[Row]:
    yield from _building(len(people))
    yield from _matching(people)
    yield from _slow_peers(people.first(len(people) // SMALL_SHARE))
    yield from _moving(people)
    yield from _arriving(people)
    yield from _restarting(people)
    yield from _meridian()


def _building(count: int) -> Iterator[Row]:
    built = building.measure(count)
    yield at_most("build from arrays", built.seconds, "s", 3.0)
    room = "as allocated; what is kept for pages to come takes no memory until it is written"
    yield figure("bytes a person, array by array", built.array_bytes / count, "bytes", room)
    yield at_most("bytes a person, growth of the process", built.grown_bytes / count, "bytes", 27.0, "ids included")


def _matching(people: People) -> Iterator[Row]:
    index = RecipientIndex.build(people.ids, people.lon, people.lat)
    areas = all_areas()
    bare = {one.area: one for one in within.without_helper(len(people))}
    found = {area.name: within.ours(index, area) for area in areas}
    for area in areas:
        yield from _ours(found[area.name], bare[area.name])
    yield _reach(index, people, areas)
    trees = peers.strtrees(people)
    for area in areas:
        yield from _against(found[area.name], within.against(index, area, trees, timing.REPEATS))
    del trees
    yield from _postgis(index, people, found)


def _ours(found: Figures, bare: Figures) -> Iterator[Row]:
    name = found.area
    yield figure(f"{name}: people inside", found.hits, "ids")
    if found.hits < FEW_HITS:
        yield at_most(f"{name}: ids", found.ours * MS, "ms", 0.5, _helper())
    else:
        yield figure(f"{name}: ids", found.ours * MS, "ms", _helper())
    yield figure(f"{name}: ids, no helper", bare.ours * MS, "ms")
    yield figure(f"{name}: copy of these ids", found.copy * MS, "ms", "numpy.copyto out of memory, into a warm array")
    yield from _copies(found, bare)
    warm = f"caches warm: {found.ours_warm * MS:.3g} ms, copy {found.copy_warm * MS:.3g} ms"
    yield figure(f"{name}: ids, all in the caches", found.ours_warm / found.copy_warm, "times the copy", warm)


def _copies(found: Figures, bare: Figures) -> Iterator[Row]:
    unit = "times the copy"
    if found.area not in COPIES:
        yield figure(f"{found.area}: ids to copy", found.copies, unit)
        return
    helped, unhelped = COPIES[found.area]
    if compiled.kernel is not None:
        yield at_most(f"{found.area}: ids to copy, with helper", found.copies, unit, helped)
    yield at_most(f"{found.area}: ids to copy, no helper", bare.copies, unit, unhelped)


def _helper() -> str:
    return "" if compiled.kernel is not None else "no compiled helper here"


def _reach(index: RecipientIndex, people: People, areas: list[Area]) -> Row:
    """Counting by label, as the reach is shown while somebody draws."""
    labels = np.random.default_rng(7).integers(0, 28, len(people)).astype(np.uint16)
    index.label(people.ids, labels)
    seconds = []
    for shape in next(area for area in areas if area.name == METRO).repeats(timing.REPEATS, np.random.default_rng(8)):
        taken, counts = within.cold(index.count_by_label, shape)
        seconds.append(taken)
        if counts.tolist() != np.bincount(labels[index.within(shape)], minlength=len(counts)).tolist():
            raise within.WrongAnswer("reach by label")
    return at_most(f"{METRO}: reach by label", timing.median(seconds) * MS, "ms", FRAME_MS, "28 labels")


def _postgis(index: RecipientIndex, people: People, found: dict[str, Figures]) -> Iterator[Row]:
    try:
        with cluster.session(len(people)) as session:
            scattered, clustered = postgis.load(session, people)
            for area in all_areas():
                repeats = timing.REPEATS if area.name == METRO else FEW_REPEATS
                for table, times in ((scattered, 1), (clustered, repeats)):
                    seconds = within.against(index, area, [table], times)
                    yield from _against(found[area.name], seconds, f"median of {times}" if times > 1 else "asked once")
                server = timing.median(clustered.server_s[-2 * repeats :][1::2])  # every other one was about nowhere
                yield figure(f"{area.name}: {clustered.name}, the server alone", server * MS, "ms")
    except cluster.Missing as missing:
        yield report.absent("PostGIS", str(missing))


def _against(found: Figures, seconds: dict[str, float], note: str = "") -> Iterator[Row]:
    goals = {"STRtree at its best": 50.0, "PostGIS, clustered and warm": 500.0} if found.area == METRO else {}
    for peer, taken in seconds.items():
        name, times = f"{found.area}: {peer}", taken / found.ours
        words = "; ".join(filter(None, [f"{taken * MS:.4g} ms", note]))
        yield (
            at_least(name, times, "times ours", goals[peer], words)
            if peer in goals
            else figure(name, times, "times ours", words)
        )


def _slow_peers(people: People) -> Iterator[Row]:
    index = RecipientIndex.build(people.ids, people.lon, people.lat)
    few = f"{len(people):,} people, median of {FEW_REPEATS}"
    rivals: list[Peer] = [peers.rtree_alone(people), peers.sqlite_rtree(people), peers.Joined(people)]
    for area in all_areas():
        found = within.ours(index, area)
        yield figure(f"{area.name}: ids of {len(people):,} people", found.ours * MS, "ms", f"{found.hits:,} inside")
        yield from _against(found, within.against(index, area, rivals, FEW_REPEATS), few)


def _moving(people: People) -> Iterator[Row]:
    repeats = timing.REPEATS if len(people) < PEOPLE else 3
    moved = moving.measure(people, all_areas(), repeats)
    moves = 9 * (len(people) // 10)
    yield at_least("moves in bulk, about 1 km", moved.bulk / 1e6, "million/s", 3.0, f"{len(people) // 10:,} a call")
    yield at_least("moves, everybody far", moved.far / 1e6, "million/s", 2.0, f"in one call, median of {repeats}")
    yield at_least("moves, one a call", moved.singly / 1e3, "thousand/s", 300.0)
    yield at_most(f"questions after {moves:,} moves, slowest area", moved.slowest, "times fresh", 1.4)
    yield figure(f"questions after {moves:,} moves, median area", moved.usual, "times fresh")
    yield figure("questions after everybody jumped, slowest area", moved.slowest_after_far, "times fresh")


def _arriving(people: People) -> Iterator[Row]:
    found = arriving.measure(people)
    where = f"{arriving.AREAS:,} active areas"
    woken = f"{where}, {arriving.WAKING * arriving.SINGLE:,} positions before"
    yield figure("arrivals, one position, the first of all", found.first * US, "us", where)
    yield at_most("arrivals, one position", found.each * US, "us", 5.0, woken)
    yield at_most("arrivals, one position, 99th percentile", found.p99 * US, "us", 50.0, woken)
    yield figure("arrivals, one position: STRtree", found.strtree_each * US, "us", "circles as polygons")
    yield figure("arrivals, 99th percentile: STRtree", found.strtree_p99 * US, "us", "circles as polygons")
    yield at_most(f"arrivals, {found.positions:,} positions", found.bulk, "s", 2.0, f"{where}, median of 3")


def _restarting(people: People) -> Iterator[Row]:
    found = restarting.measure(people)
    wall = f"by the clock, from the start of the process to its first answer; CPU {found.serving_cpu:.2f} s"
    yield figure("snapshot written", found.written, "s", f"{found.file_bytes / 1e6:,.0f} MB")
    yield at_most("restart, serving", found.serving, "s", 3.0, wall)
    yield figure("restart, then caught up", found.caught_up, "s", f"{restarting.CHANGED:,} changes from the store")


def _meridian() -> Iterator[Row]:
    ours, theirs = meridian.measure()
    name = f"ring of {meridian.VERTICES:,} vertices over 180, cut"
    yield figure(name, ours * MS, "ms")
    yield figure(f"{name}: antimeridian", theirs / ours, "times ours", f"{theirs * MS:.4g} ms")


if __name__ == "__main__":
    main()
