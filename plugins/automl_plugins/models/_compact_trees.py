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

    @staticmethod
    def of(trees: Sequence[Any], is_classification: bool) -> CompactTrees:
        """Take over scikit-learn's `tree_` objects of one output: class shares or values."""
        leaves = np.concatenate([tree.value[tree.children_left < 0, 0, :] for tree in trees])
        centre = 0.0 if is_classification else float(np.mean([tree.value[0, 0, 0] for tree in trees]))
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
        if self._walkers is None:
            self._walkers = list(self._build())
        n_outputs = self.values.shape[1]
        if self.n_trees * len(rows) * n_outputs <= FEW_CELLS:
            places = np.empty((self.n_trees, len(rows)), dtype=np.int64)
            for number, (tree, leaf) in enumerate(self._walkers):
                leaf.take(tree.apply(rows), out=places[number])
            # One addition after the other, as below: a plain sum of a single row would add up in another order.
            total = np.cumsum(self.values.take(places, axis=0), axis=0, dtype=np.float64)[-1]
        else:
            total = np.zeros((len(rows), n_outputs))
            for tree, leaf in self._walkers:
                total += self.values.take(leaf.take(tree.apply(rows)), axis=0)
        return np.asarray(total / self.n_trees + self.centre)

    def _build(self) -> Iterator[tuple[Any, Array]]:
        """Give each tree as scikit-learn's compiled one, which is fast with rows, and the leaf number of each node."""
        from sklearn.tree._tree import NODE_DTYPE, Tree

        is_leaf = self.left < 0
        leaf, ends = np.cumsum(is_leaf) - 1, np.cumsum(self.sizes)
        for start, end in zip(ends - self.sizes, ends, strict=True):
            nodes = np.zeros(end - start, dtype=NODE_DTYPE)
            nodes["left_child"], nodes["right_child"] = self.left[start:end], self.right[start:end]
            nodes["feature"], nodes["threshold"] = self.feature[start:end], self.threshold[start:end]
            nodes["missing_go_to_left"] = self.missing_left[start:end]
            tree = Tree(self.n_features, np.ones(1, dtype=np.intp), 1)
            empty = np.zeros((len(nodes), 1, 1))
            tree.__setstate__({"max_depth": 0, "node_count": len(nodes), "nodes": nodes, "values": empty})
            yield tree, leaf[start:end]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is built when it is needed."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "_walkers"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the arrays back."""
        for name, value in state.items():
            setattr(self, name, value)
        self._walkers = None


def largest_float32_up_to(values: Array) -> Array:
    """Return for each float64 the largest float32 that is not above it: `x <= value` is then the same for float32 x."""
    near = values.astype(np.float32)
    return np.asarray(np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near))
