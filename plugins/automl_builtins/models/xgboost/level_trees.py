"""LevelTrees: XGBoost's trees for a row at a time, all of them walked at once, level by level.

XGBoost prepares every tree anew in each call, which for one row takes ten times as long as walking them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.plugin_api import Array
from automl_builtins.models.xgboost.binary_json import read_binary_json

FEW_ROWS = 4
"""Up to so many rows one after another take less time than one call for all of them."""
LEVELS_OF_MOST = 5
"""After so many levels, trees in which the row has come to its leaf are set aside."""
FEATURE, VALUE, LEFT, RIGHT = range(4)
LOG_BITS = 5
BITS = 1 << LOG_BITS


@dataclass(frozen=True, slots=True)
class CategorySets:
    """The categories that go right at each split by categories, as bits.

    nodes: these splits; features: what they split by; first: where the words of each begin; n_words: how many it has.
    """

    nodes: Array
    features: Array
    first: Array
    n_words: Array
    words: Array

    def decide(self, row: Array, n_nodes: int) -> Array:
        """Tell for each of all nodes whether a row goes right by its category there, `(n_nodes,)`."""
        values = row.take(self.features)
        category = np.where(np.isnan(values), -1.0, values).astype(np.int64)
        word = category >> LOG_BITS
        known = (category >= 0) & (word < self.n_words)
        bits = self.words.take(np.where(known, self.first + word, 0)) >> (category & (BITS - 1)).astype(np.uint32)
        go_right = np.zeros(n_nodes, dtype=bool)
        go_right[self.nodes] = known & (bits & 1 > 0)
        return go_right


@dataclass(frozen=True, slots=True)
class LevelTrees:
    """The trees of a model, one after the other.

    roots: `(n_trees,)`. nodes: `(n_nodes, 4)` int32, what a step needs side by side in memory: the feature, the bits of
    the float32 threshold or leaf value, and the children, which of a leaf are itself. outputs: of each tree, the output
    that it adds to. base: `(n_outputs,)`.
    """

    roots: Array
    nodes: Array
    missing_right: Array
    depth: int
    outputs: Array
    base: Array
    sets: CategorySets | None

    @staticmethod
    def of(model: bytes) -> LevelTrees:
        """Read a model in XGBoost's binary JSON; a ValueError where it is not laid out as expected."""
        try:
            learner = read_binary_json(model)[b"learner"]
            forest = learner[b"gradient_booster"][b"model"]
            return _read(forest[b"trees"], np.asarray(forest[b"tree_info"], dtype=np.int64), _base(learner))
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"The model is not laid out as expected: {type(error).__name__}: {error}.") from error

    def margins(self, matrix: Array) -> Array:
        """Return `(n_rows, n_outputs)` float32 sums, added up in XGBoost's own order."""
        return np.stack([self._margin(row) for row in np.ascontiguousarray(matrix, dtype=np.float32)])

    def _margin(self, row: Array) -> Array:
        node, missing = self.roots, np.isnan(row)
        some_missing = bool(missing.any())
        by_category = None if self.sets is None else self.sets.decide(row, len(self.nodes))
        ended, places = np.empty(len(node), dtype=node.dtype), np.arange(len(node))
        for level in range(self.depth):
            found = self.nodes.take(node, axis=0)
            feature = found[:, FEATURE]
            go_right = row.take(feature) >= found[:, VALUE].view(np.float32)
            if some_missing:
                go_right |= missing.take(feature) & self.missing_right.take(node)
            if by_category is not None:
                go_right |= by_category.take(node)
            following = np.where(go_right, found[:, RIGHT], found[:, LEFT])
            if level >= LEVELS_OF_MOST:
                ended[places] = following
                still = np.flatnonzero(following != node)
                node, places = following.take(still), places.take(still)
            else:
                node = following
        ended[places] = node
        total = self.base.copy()
        values = self.nodes[ended, VALUE].view(np.float32)
        np.add.at(total, self.outputs, values)  # one after the other, as XGBoost adds
        return total


def _read(trees: Sequence[dict[bytes, Any]], outputs: Array, base: Array) -> LevelTrees:
    sizes = np.array([len(tree[b"left_children"]) for tree in trees])
    roots = np.cumsum(sizes) - sizes
    left, right = _joined(trees, b"left_children", np.int64), _joined(trees, b"right_children", np.int64)
    feature = _joined(trees, b"split_indices", np.int32)
    if any(int(tree[b"tree_param"][b"size_leaf_vector"]) > 1 for tree in trees):
        raise ValueError("A tree has leaves of several values.")
    itself, shift, inner = np.arange(len(left)), np.repeat(roots, sizes), left >= 0
    place, ends = itself - shift, np.repeat(sizes, sizes)
    if not all(((each > place) & (each < ends))[inner].all() for each in (left, right)):
        raise ValueError("A tree has a node whose child does not come after it.")
    children = np.stack([np.where(inner, left + shift, itself), np.where(inner, right + shift, itself)], axis=1)
    nodes = np.empty((len(left), 4), dtype=np.int32)
    sets, value = _category_sets(trees, roots, feature), _joined(trees, b"split_conditions", np.float32)
    if sets is not None:
        value[sets.nodes] = np.inf  # so that no value is above it
    nodes[:, FEATURE], nodes[:, VALUE], nodes[:, LEFT:] = feature, value.view(np.int32), children
    return LevelTrees(
        roots=roots.astype(np.int32),
        nodes=nodes,
        missing_right=~_joined(trees, b"default_left", bool),
        depth=_depth(roots, children, inner),
        outputs=outputs,
        base=base,
        sets=sets,
    )


def _joined(trees: Sequence[dict[bytes, Any]], name: bytes, kind: Any) -> Array:
    return np.concatenate([tree[name] for tree in trees]).astype(kind)


def _depth(roots: Array, children: Array, inner: Array) -> int:
    """Return the number of levels of the deepest tree; children come after their parents, so this ends."""
    level, depth = roots[inner[roots]], 0
    while len(level):
        following = children[level].ravel()
        level, depth = following[inner[following]], depth + 1
    return depth


def _category_sets(trees: Sequence[dict[bytes, Any]], roots: Array, feature: Array) -> CategorySets | None:
    if not any(tree[b"split_type"].any() for tree in trees):
        return None
    sizes = _joined(trees, b"categories_sizes", np.int64)
    category = _joined(trees, b"categories", np.int64)
    counts = [len(tree[b"categories_nodes"]) for tree in trees]
    nodes = _joined(trees, b"categories_nodes", np.int64) + np.repeat(roots, counts)
    starts = np.cumsum(sizes) - sizes
    if not (sizes > 0).all() or sizes.sum() != len(category) or (category < 0).any():
        raise ValueError("A split by categories has none.")
    n_words = (np.maximum.reduceat(category, starts) >> LOG_BITS) + 1
    first = np.cumsum(n_words) - n_words
    words = np.zeros(n_words.sum(), dtype=np.uint32)
    place = np.repeat(first, sizes) + (category >> LOG_BITS)
    np.bitwise_or.at(words, place, np.uint32(1) << (category & (BITS - 1)).astype(np.uint32))
    return CategorySets(nodes, feature[nodes], first, n_words, words)


def _base(learner: dict[bytes, Any]) -> Array:
    """Return what each output's sum begins with; written as a probability for two classes."""
    written = np.array(learner[b"learner_model_param"][b"base_score"].strip(b"[]").split(b","), dtype=np.float32)
    if learner[b"objective"][b"name"] == b"binary:logistic":
        odds = np.float32(1.0) / written - np.float32(1.0)
        written = -np.log(odds.astype(np.float64)).astype(np.float32)
    n_outputs = max(1, int(learner[b"learner_model_param"][b"num_class"]))
    return np.broadcast_to(written, n_outputs).astype(np.float32)
