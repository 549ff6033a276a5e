"""BitTrees: LightGBM's trees for many rows at once, walked by bit masks in place of branches.

Each leaf is a bit. A split that sends a row right rules out the leaves to its left, and the lowest bit that is left is
the row's leaf (QuickScorer: Lucchese et al., SIGIR 2015). All splits by one feature are looked up together by the bin
of the row's value among the model's thresholds, for as many trees as fit a word of 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from automl.plugin_api import Array

WORD = 64
FULL = np.uint64(2**WORD - 1)
ROWS = 8192
"""Rows at once: what is worked on then stays in the processor's cache."""
LOOKED_UP = 8
"""Leaves of a tree up to which its value is looked up by all of its bits."""
CATEGORICAL, DEFAULT_LEFT, MISSING_IS_NAN = 1, 2, 8
"""Bits of LightGBM's `decision_type`."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree as LightGBM writes it: a child below 0 is the leaf `-child - 1`."""

    values: Array
    feature: Array
    threshold: Array
    decision: Array
    left: Array
    right: Array
    sets: tuple[Array, ...] = ()
    """The categories that go left at each categorical split; its `threshold` is the position in here."""

    def leaf_order(self) -> tuple[Array, list[int]]:
        """Return the leaves from left to right, and for each split the bits of the leaves on its left."""
        order: list[int] = []
        ruled_out = [0] * len(self.feature)
        left, right = self.left.tolist(), self.right.tolist()
        stack: list[tuple[int, int]] = [(0 if left else -1, -1)]
        while stack:
            node, begun = stack.pop()
            if node < 0:
                order.append(-node - 1)
            elif begun < 0:  # first its left side, then it comes up again
                stack += [(node, len(order)), (left[node], -1)]
            else:
                ruled_out[node] = (1 << len(order)) - (1 << begun)
                stack.append((right[node], -1))
        return np.array(order), ruled_out


@dataclass(frozen=True, slots=True)
class Word:
    """The splits that rule out leaves of one word: which of the model's splits, and the bits that each leaves over."""

    splits: Array
    left_over: Array


@dataclass(frozen=True, slots=True)
class Group:
    """Trees that share a word, or one that takes several: their words, and each one's number, first bit and leaves."""

    words: tuple[Word, ...]
    trees: tuple[tuple[int, int, Array], ...]


class BitTrees:
    """The trees of a model, ready to predict."""

    def __init__(self, text: str) -> None:
        """Read LightGBM's text format."""
        header, *parts = text.split("\nTree=")
        self._n_outputs = int(_fields(header)["num_tree_per_iteration"])
        trees = [_read_tree(part) for part in parts]
        self._feature = np.concatenate([tree.feature for tree in trees])
        decision = np.concatenate([tree.decision for tree in trees])
        self._categorical = (decision & CATEGORICAL) > 0
        self._used, self._row = np.unique(self._feature, return_inverse=True)
        self._sets = [
            tree.sets[int(t)] for tree in trees for t, d in zip(tree.threshold, tree.decision, strict=True) if d & 1
        ]
        self._set_number = np.cumsum(self._categorical) - 1
        threshold = np.concatenate([tree.threshold for tree in trees])
        self._thresholds = [
            np.unique(threshold[(self._row == row) & ~self._categorical]) for row in range(len(self._used))
        ]
        self._n_bins = 2 + max([0, *map(len, self._thresholds), *(int(each.max(initial=0)) + 1 for each in self._sets)])
        self._place = np.zeros(len(threshold), dtype=np.int64)
        for row, cuts in enumerate(self._thresholds):
            mine = self._row == row
            self._place[mine] = np.searchsorted(cuts, threshold[mine])
        zero_is_right = threshold < 0
        by_default = (decision & DEFAULT_LEFT) == 0
        self._missing_right = np.where((decision & MISSING_IS_NAN) > 0, by_default, zero_is_right)
        self._groups = tuple(_grouped(trees))

    def raw(self, matrix: Array) -> Array:
        """Return the sum of the trees' values, `(n_rows, n_outputs)`, added up in LightGBM's own order."""
        total = np.zeros((self._n_outputs, len(matrix)))
        bins = self._bin(matrix)
        for group in self._groups:
            tables = [self._tables(word) for word in group.words]
            for start in range(0, len(matrix), ROWS):
                rows = slice(start, start + ROWS)
                bits = [_leaves_left(used, table, bins[:, rows]) for used, table in tables]
                for number, first, values in group.trees:
                    total[number % self._n_outputs, rows] += _leaf_values(bits, first, values)
        return total.T

    def _bin(self, matrix: Array) -> Array:
        """Return the bin of each value, `(n_used_features, n_rows)`; the last is that of NaN."""
        bins = np.empty((len(self._used), len(matrix)), dtype=np.int64)
        categorical = np.zeros(len(self._used), dtype=bool)
        categorical[self._row[self._categorical]] = True
        for row, feature in enumerate(self._used):
            values = matrix[:, feature].astype(np.float64)
            if categorical[row]:
                codes = np.where((values > -1) & (values < self._n_bins), values, -1.0).astype(np.int64)
                bins[row] = np.where((codes >= 0) & (codes < self._n_bins - 1), codes, self._n_bins - 1)
            else:
                bins[row] = np.searchsorted(self._thresholds[row], values)
                bins[row][np.isnan(values)] = self._n_bins - 1
        return bins

    def _tables(self, word: Word) -> tuple[Array, Array]:
        """Return the features that a word's splits look at, and for each the bits left over by the bin of its value."""
        rows = self._row[word.splits]
        used, place = np.unique(rows, return_inverse=True)
        table = np.full((len(used), self._n_bins), FULL)
        numeric = ~self._categorical[word.splits]
        splits, left_over = word.splits[numeric], word.left_over[numeric]
        # A value above a threshold goes right, and so does any larger one: what is left over only becomes less.
        np.bitwise_and.at(table, (place[numeric], self._place[splits] + 1), left_over)
        np.bitwise_and.accumulate(table, axis=1, out=table)
        table[:, -1] = FULL
        missing = self._missing_right[splits]
        np.bitwise_and.at(table[:, -1], place[numeric][missing], left_over[missing])
        for split, at, bits in zip(word.splits[~numeric], place[~numeric], word.left_over[~numeric], strict=True):
            goes_left = self._sets[self._set_number[split]]
            kept = table[at, goes_left]
            table[at] &= bits
            table[at, goes_left] = kept
        return used, table


def _leaves_left(used: Array, table: Array, bins: Array) -> Array:
    """Return the bits of the leaves that no split rules out, for each row."""
    left = np.full(bins.shape[1], FULL)
    found = np.empty_like(left)
    for row, bits in zip(used, table, strict=True):
        bits.take(bins[row], out=found, mode="clip")
        left &= found
    return left


def _leaf_values(bits: Sequence[Array], first: int, values: Array) -> Array:
    """Return each row's value in a tree: that of the lowest bit left of it."""
    if len(values) == 1:
        return np.full(len(bits[0]), values[0])
    if len(bits) > 1:
        leaf = _lowest_bit(bits[-1]) + WORD * (len(bits) - 1)
        for number in range(len(bits) - 2, -1, -1):
            leaf = np.where(bits[number] != 0, _lowest_bit(bits[number]) + WORD * number, leaf)
        return np.asarray(values.take(leaf))
    own = bits[0] >> np.uint64(first) if first else bits[0]
    if len(values) <= LOOKED_UP:
        by_bits = values.take(_LOWEST[: 1 << len(values)], mode="clip")
        return np.asarray(by_bits.take((own & np.uint64((1 << len(values)) - 1)).view(np.int64)))
    return np.asarray(values.take(_lowest_bit(own), mode="clip"))


def _lowest_bit(bits: Array) -> Array:
    """Return the position of each number's lowest bit: the exponent of that bit alone as a float64."""
    alone = bits & (~bits + np.uint64(1))
    return np.asarray((alone.astype(np.float64).view(np.int64) >> 52) - 1023)


_LOWEST = np.concatenate([[0], _lowest_bit(np.arange(1, 1 << LOOKED_UP, dtype=np.uint64))])


def _grouped(trees: Sequence[Tree]) -> Iterator[Group]:
    """Put trees that follow each other into one word as long as their leaves fit."""
    kept: list[tuple[int, int]] = []
    placed: list[tuple[int, int, Array]] = []
    first = begun = 0
    for number, tree in enumerate(trees):
        order, ruled_out = tree.leaf_order()
        if placed and first + len(order) > WORD:
            yield Group(_words(kept, first), tuple(placed))
            kept, placed, first = [], [], 0
        kept += [(begun + split, bits << first) for split, bits in enumerate(ruled_out)]
        placed.append((number, first, tree.values[order]))
        first, begun = first + len(order), begun + len(tree.feature)
    if placed:
        yield Group(_words(kept, first), tuple(placed))


def _words(ruled_out: Sequence[tuple[int, int]], n_bits: int) -> tuple[Word, ...]:
    """Cut the bits that each split rules out into words."""
    words = []
    for first in range(0, n_bits, WORD):
        parts = [(split, (bits >> first) & int(FULL)) for split, bits in ruled_out]
        parts = [(split, bits) for split, bits in parts if bits]
        splits = np.array([split for split, _ in parts], dtype=np.int64)
        words.append(Word(splits, ~np.array([bits for _, bits in parts], dtype=np.uint64)))
    return tuple(words)


def _read_tree(text: str) -> Tree:
    fields = _fields(text)
    values = np.array(fields["leaf_value"].split(), dtype=np.float64)
    if int(fields["num_leaves"]) == 1:
        none = np.empty(0, dtype=np.int64)
        return Tree(values, none, none.astype(np.float64), none, none, none)

    def numbers(name: str) -> Array:
        return np.array(fields[name].split(), dtype=np.int64)

    threshold = np.array(fields["threshold"].split(), dtype=np.float64)
    sets: tuple[Array, ...] = ()
    if int(fields["num_cat"]):
        ends, words = numbers("cat_boundaries"), np.array(fields["cat_threshold"].split(), dtype=np.uint32)
        bits = [np.unpackbits(words[a:b].view(np.uint8), bitorder="little") for a, b in pairwise(ends)]
        sets = tuple(np.flatnonzero(each) for each in bits)
    tree = (numbers(name) for name in ("split_feature", "decision_type", "left_child", "right_child"))
    feature, decision, left, right = tree
    return Tree(values, feature, threshold, decision, left, right, sets)


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
