"""CompactTrees: the fitted trees of a forest in a quarter of their size, and their mean without scikit-learn's checks.

scikit-learn checks its input anew for each tree, which for one row takes a hundred times as long as the tree itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from automl.plugin_api import Array

FEW_CELLS = 200_000
"""Trees times rows times outputs up to which the leaves' values of all trees are looked up at once."""
FEW_ROWS = 8
"""Up to so many rows are sent through all trees in one call."""


@dataclass(slots=True)
class CompactTrees:
    """Binary trees, node after node and tree after tree.

    sizes: nodes of each tree. left, right: a node's children, numbered within its tree, -1 for none. feature: what it
    splits by. threshold: the largest float32 up to the fitted one, which parts float32 features exactly alike.
    missing_left: whether NaN goes left. values: `(n_leaves, n_outputs)`, those of the leaves in the order of their
    nodes, less `centre`.
    """

    n_features: int
    sizes: Array
    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    values: Array
    centre: float = 0.0
    _walkers: list[tuple[Any, Array]] | None = field(default=None, repr=False)
    _whole: tuple[Any, Array] | None = field(default=None, repr=False)

    @staticmethod
    def of(trees: Sequence[Any], is_centred: bool) -> CompactTrees:
        """Take over scikit-learn's `tree_` objects: of class shares, of a value, or of a value of each target.

        is_centred: whether values lie around 0, as shares do; others are kept less their mean.
        """
        leaves = np.concatenate([_leaf_values(tree) for tree in trees])
        centre = 0.0 if is_centred else float(np.mean([tree.value[0, 0, 0] for tree in trees]))
        return CompactTrees(
            n_features=int(trees[0].n_features),
            sizes=np.array([tree.node_count for tree in trees], dtype=np.int32),
            left=np.concatenate([tree.children_left for tree in trees]).astype(np.int32),
            right=np.concatenate([tree.children_right for tree in trees]).astype(np.int32),
            feature=np.concatenate([tree.feature for tree in trees]).astype(np.int32),
            threshold=largest_float32_up_to(np.concatenate([tree.threshold for tree in trees])),
            missing_left=np.concatenate([tree.missing_go_to_left for tree in trees]).astype(bool),
            values=(leaves - centre).astype(np.float32),
            centre=centre,
        )

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.sizes)

    def mean(self, matrix: Array) -> Array:
        """Return the trees' mean `(n_rows, n_outputs)` for float32 rows; the same for a row alone as among others."""
        rows = np.ascontiguousarray(matrix, dtype=np.float32)
        n_outputs = self.values.shape[1]
        if len(rows) <= FEW_ROWS:
            places = self._places_of_few(rows)
        elif self.n_trees * len(rows) * n_outputs <= FEW_CELLS:
            places = np.empty((self.n_trees, len(rows)), dtype=np.int64)
            for number, (tree, leaf) in enumerate(self._each_tree()):
                leaf.take(tree.apply(rows), out=places[number])
        else:
            total = np.zeros((len(rows), n_outputs))
            for tree, leaf in self._each_tree():
                total += self.values.take(leaf.take(tree.apply(rows)), axis=0)
            return np.asarray(total / self.n_trees + self.centre)
        # One addition after the other, as above: a plain sum of a single row would add up in another order.
        total = np.cumsum(self.values.take(places, axis=0), axis=0, dtype=np.float64)[-1]
        return np.asarray(total / self.n_trees + self.centre)

    def _places_of_few(self, rows: Array) -> Array:
        """Return the leaf of each tree and row, `(n_trees, n_rows)`: a call for each tree would take far longer.

        Each row is sent once for each tree, with the tree's number as one more feature, through one tree that first
        splits by that number.
        """
        if self._whole is None:
            self._whole = self._build_whole()
        tree, leaf = self._whole
        numbered = np.empty((self.n_trees, len(rows), self.n_features + 1), dtype=np.float32)
        numbered[:, :, :-1] = rows
        numbered[:, :, -1] = np.arange(self.n_trees)[:, None]
        leaves = leaf.take(tree.apply(numbered.reshape(-1, self.n_features + 1)))
        return np.asarray(leaves.reshape(self.n_trees, len(rows)))

    def _each_tree(self) -> list[tuple[Any, Array]]:
        if self._walkers is None:
            self._walkers = list(self._build())
        return self._walkers

    def _build(self) -> Iterator[tuple[Any, Array]]:
        """Give each tree as scikit-learn's compiled one, which is fast with rows, and the leaf number of each node."""
        leaf, ends = np.cumsum(self.left < 0) - 1, np.cumsum(self.sizes)
        for start, end in zip(ends - self.sizes, ends, strict=True):
            yield compiled(self._nodes(slice(start, end)), self.n_features), leaf[start:end]

    def _build_whole(self) -> tuple[Any, Array]:
        """Return all trees as one, behind splits by the number of the tree, and the leaf number of each node."""
        ends = np.cumsum(self.sizes)
        chooser = splits_by_number(self.n_trees)
        shift = np.repeat(ends - self.sizes + len(chooser), self.sizes)
        nodes = self._nodes(slice(None))
        for side in ("left_child", "right_child"):
            nodes[side] = np.where(self.left < 0, -1, nodes[side] + shift)
        first = np.zeros(len(chooser), dtype=nodes.dtype)
        first["feature"] = self.n_features
        for number, (left, right, threshold) in enumerate(chooser):
            first[number]["threshold"] = threshold
            for side, child in (("left_child", left), ("right_child", right)):
                first[number][side] = child if child >= 0 else len(chooser) + ends[-child - 1] - self.sizes[-child - 1]
        leaf = np.concatenate([np.zeros(len(chooser), dtype=np.int64), np.cumsum(self.left < 0) - 1])
        return compiled(np.concatenate([first, nodes]), self.n_features + 1), leaf

    def _nodes(self, part: slice) -> Array:
        """Return nodes as scikit-learn keeps them."""
        from sklearn.tree._tree import NODE_DTYPE

        nodes = np.zeros(len(self.left[part]), dtype=NODE_DTYPE)
        nodes["left_child"], nodes["right_child"] = self.left[part], self.right[part]
        nodes["feature"], nodes["threshold"] = self.feature[part], self.threshold[part]
        nodes["missing_go_to_left"] = self.missing_left[part]
        return nodes

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is built when it is needed."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("_walkers", "_whole")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the arrays back."""
        for name, value in state.items():
            setattr(self, name, value)
        self._walkers = self._whole = None


def _leaf_values(tree: Any) -> Array:
    """Return `(n_leaves, n_outputs)`: the shares of the classes of one target, or a value of each target."""
    found = tree.value[tree.children_left < 0]
    return np.asarray(found.reshape(len(found), -1))


def compiled(nodes: Array, n_features: int) -> Any:
    """Return nodes as scikit-learn's compiled tree, whose `apply` gives the node that each row ends in."""
    from sklearn.tree._tree import Tree

    tree = Tree(n_features, np.ones(1, dtype=np.intp), 1)
    empty = np.zeros((len(nodes), 1, 1))
    tree.__setstate__({"max_depth": 0, "node_count": len(nodes), "nodes": nodes, "values": empty})
    return tree


def splits_by_number(count: int) -> list[tuple[int, int, float]]:
    """Return the splits of a balanced tree over the numbers below `count`: left and right child, and threshold.

    A child below 0 is the number `-child - 1`.
    """
    splits: list[list[float]] = []
    waiting = [(0, count, -1, 0)] if count > 1 else []
    while waiting:
        low, high, parent, side = waiting.pop()
        if parent >= 0:
            splits[parent][side] = len(splits) if high - low > 1 else -low - 1
        if high - low > 1:
            middle = (low + high) // 2
            waiting += [(low, middle, len(splits), 0), (middle, high, len(splits), 1)]
            splits.append([0, 0, middle - 0.5])
    return [(int(left), int(right), threshold) for left, right, threshold in splits]


def largest_float32_up_to(values: Array) -> Array:
    """Return for each float64 the largest float32 that is not above it: `x <= value` is then the same for float32 x."""
    near = values.astype(np.float32)
    return np.asarray(np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near))
