"""Which areas hold a cell whole, and which pieces of areas may hold some of it: worked out when first asked, remembered.

The largest cells stand in a dictionary that is never changed: with an area comes or goes a new `Resolved`. In each of
them hang the smaller cells that were asked for, resolved out of what the larger one says, so the first question costs
some microseconds and later ones three look-ups; where no border crosses a larger cell, it answers for all in it.

What is remembered is a memory and nothing else: two readers may resolve one cell twice, to the same answer. It is
at most KEPT cells and keys; then all is forgotten and resolved anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo.cells import BORDER, EAST, FINEST, MIDDLE, NORTH, ROOT, SMALL, WHOLE, numbers
from geo.circles import Box, split
from geo.pieces import HAIR, Piece, reach

KEPT = 500_000

_ROW, _LEVEL = 16, 40  # where a row and a level begin in the number of a cell, whose column stands below


class Node:
    """A resolved cell: the keys, ascending, of the areas that hold it whole; the pieces of others that may hold some of
    it; and the smaller cells in it that were asked for.
    """

    __slots__ = ("cells", "edges", "whole")

    def __init__(self, whole: tuple[int, ...], edges: tuple[Piece, ...]) -> None:
        self.whole = whole
        self.edges = edges
        self.cells: dict[int, Node] = {}

    def within(self, x: int, y: int, level: int) -> Node:
        """The cell in column x and row y of its level, one of this cell's."""
        held, crossed = [], []
        first, last = numbers(x, y, level)
        for piece in self.edges:
            kind = piece.covering.at(first, last)
            if kind == WHOLE:
                held.append(piece.key)
            elif kind == BORDER:
                crossed.append(piece)
        if not held:
            return Node(self.whole, tuple(crossed))
        whole = {*self.whole, *held}
        return Node(tuple(sorted(whole)), tuple(piece for piece in crossed if piece.key not in whole))

    def changed(self, without: Piece | None, added: Piece | None, *, whole: bool) -> Node:
        """A largest cell with one piece less, or one more that holds it `whole` or in part."""
        keys, edges = self.whole, self.edges
        if without is not None:
            keys = tuple(key for key in keys if key != without.key)
            edges = tuple(piece for piece in edges if piece is not without)
        if added is not None and whole:
            keys = tuple(sorted({*keys, added.key}))
        elif added is not None:
            edges = (*edges, added)
        return Node(keys, edges)


_EMPTY = Node((), ())


class Resolved:
    """The cells of all that is watched."""

    def __init__(self, roots: dict[int, Node] | None = None, kept: int = 0) -> None:
        self._roots = roots or {}
        self._finest: dict[int, Node] = {}  # what was found for a place's finest cell, whatever the size of that node
        self._kept = kept

    def changed(self, without: Iterable[Piece], added: Iterable[Piece]) -> Resolved:
        """The cells with some pieces less and some more; those that nothing happens to keep what they remember."""
        roots = dict(self._roots)
        changes: list[tuple[Piece | None, Piece | None]] = [(piece, None) for piece in without]
        changes += [(None, piece) for piece in added]
        for gone, come in changes:
            piece = gone or come
            for x, y, whole in piece.covering.roots if piece else ():
                cell = y << _ROW | x
                roots[cell] = roots.get(cell, _EMPTY).changed(gone, come, whole=whole)
        return Resolved({cell: node for cell, node in roots.items() if node.whole or node.edges}, self._kept)

    def at(self, lon: float, lat: float) -> Node:
        """The cell of a place inside the map, as far down as a border makes a difference."""
        x, y = int(lon * FINEST + EAST), int(lat * FINEST + NORTH)
        return self._finest.get(y << _ROW | x) or self._found(x, y)

    def _found(self, x: int, y: int) -> Node:
        root = self._roots.get((y >> ROOT) << _ROW | x >> ROOT, _EMPTY)
        if not root.edges:
            return root
        node = self._node(x, y, 0)
        self._kept += 1
        self._finest[y << _ROW | x] = node
        return node

    def under(self, lon: float, lat: float, radius_m: float) -> tuple[list[Node], Node]:
        """The cells that hold the circle, and which of them holds its middle (an empty one for a pole)."""
        nodes, here = [], _EMPTY
        for box in _boxes(lon, lat, radius_m):
            level, cells = _cells(*box)
            middle = int(lon * FINEST + EAST) >> level, int(lat * FINEST + NORTH) >> level
            for cell in cells:
                nodes.append(self._node(*cell, level))
                if cell == middle and abs(lat) < 90.0:
                    here = nodes[-1]
        return nodes, here

    def _node(self, x: int, y: int, level: int) -> Node:
        up = ROOT - level
        node = self._roots.get((y >> up) << _ROW | x >> up, _EMPTY)
        for larger in (MIDDLE, SMALL):
            if node.edges and level < larger:
                up = larger - level
                node = self._below(node, x >> up, y >> up, larger)
        return self._below(node, x, y, level) if node.edges and level < ROOT else node

    def _below(self, node: Node, x: int, y: int, level: int) -> Node:
        return node.cells.get(y << _ROW | x | level << _LEVEL) or self._resolve(node, x, y, level)

    def _resolve(self, node: Node, x: int, y: int, level: int) -> Node:
        found = node.within(x, y, level)
        if self._kept > KEPT:
            self._kept = 0
            self._finest = {}
            for root in self._roots.values():
                root.cells = {}
        self._kept += 1 + (0 if found.whole is node.whole else len(found.whole)) + len(found.edges)
        node.cells[y << _ROW | x | level << _LEVEL] = found
        return found


def _boxes(lon: float, lat: float, radius_m: float) -> list[Box]:
    """One or two boxes, inside the map, that hold a circle, and the place as seen from the other side of 180."""
    wide, high = reach(lat, radius_m)
    south, north = max(-90.0, lat - high - HAIR), min(90.0, lat + high + HAIR)
    if wide >= 180.0:
        return [(-180.0, south, 180.0, north)]
    return split(lon - wide - HAIR, south, lon + wide + HAIR, north)


def _cells(west: float, south: float, east: float, north: float) -> tuple[int, list[tuple[int, int]]]:
    """The cells that meet a box, at the first level where they are at most two by two, else the largest; the level."""
    left, right = int(west * FINEST + EAST), int(east * FINEST + EAST)
    low, top = int(south * FINEST + NORTH), int(north * FINEST + NORTH)
    level = 0
    while level < ROOT and ((right >> level) - (left >> level) > 1 or (top >> level) - (low >> level) > 1):
        level += 1
    across, up = range(left >> level, (right >> level) + 1), range(low >> level, (top >> level) + 1)
    return level, [(x, y) for x in across for y in up]
