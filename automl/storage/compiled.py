"""Compiled: objects of compiled classes as plain data, and back with their indices checked before they are followed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.errors import ArtifactError
from automl.vocabulary.arrays import Array

HISTOGRAM_TREES = "sklearn.ensemble._hist_gradient_boosting"
METRICS = {"Euclidean": "euclidean", "Manhattan": "manhattan", "Chebyshev": "chebyshev", "Minkowski": "minkowski"}
BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
LOSSES = (
    "CyAbsoluteError", "CyExponentialLoss", "CyHalfBinomialLoss", "CyHalfGammaLoss", "CyHalfMultinomialLoss",
    "CyHalfPoissonLoss", "CyHalfSquaredError", "CyHalfTweedieLoss", "CyHalfTweedieLossIdentity", "CyHuberLoss",
    "CyPinballLoss",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compiled:
    """How objects of one compiled class are taken apart and put together."""

    take: Callable[[Any], Any]
    make: Callable[[Any], Any]


def take_tree(tree: Any) -> dict[str, Any]:
    """Return what a decision tree of scikit-learn is made of."""
    _, (n_features, n_classes, n_outputs), state = tree.__reduce__()
    return {"n_features": int(n_features), "n_classes": n_classes.tolist(), "n_outputs": int(n_outputs), **state}


def make_tree(state: dict[str, Any]) -> Any:
    """Put a decision tree together: no node may point backwards, out of the tree, or at a feature that is not there."""
    from sklearn.tree._tree import Tree

    n_features, n_classes, n_outputs = state.pop("n_features"), state.pop("n_classes"), state.pop("n_outputs")
    check_nodes(state["nodes"], state["node_count"], n_features)
    expected = (state["node_count"], n_outputs, max(n_classes))
    if len(n_classes) != n_outputs or min(n_classes) < 1 or state["values"].shape != expected:
        raise ArtifactError(f"A tree has values {state['values'].shape}; expected {expected}. The file is damaged.")
    tree = Tree(n_features, np.array(n_classes, dtype=np.intp), n_outputs)
    tree.__setstate__(state)
    return tree


def check_nodes(nodes: Array, count: int, n_features: int) -> None:
    """Refuse nodes that a prediction would follow out of the tree, or for ever, or to features that are not there."""
    if nodes.ndim != 1 or len(nodes) != count or count < 1:
        raise ArtifactError(f"A tree of {count} nodes has {nodes.shape} of them. The file is damaged.")
    inner = np.flatnonzero(nodes["left_child"] != -1)
    if not len(inner):
        return
    left, right, feature = nodes["left_child"][inner], nodes["right_child"][inner], nodes["feature"][inner]
    leads_back = (left <= inner).any() or (right <= inner).any()
    if leads_back or left.max() >= count or right.max() >= count or feature.min() < 0 or feature.max() >= n_features:
        raise ArtifactError(
            f"A node of a tree leads out of it, or back, or to a feature beyond its {n_features}. The file is damaged "
            f"or made up; save the model anew."
        )


def check_rebuilt(value: Any) -> None:
    """Refuse scikit-learn's histogram trees that a prediction would follow out of them, or for ever."""
    if not type(value).__module__.startswith(HISTOGRAM_TREES):
        return
    if type(value).__name__ == "TreePredictor":
        nodes = value.nodes
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        left, right = nodes["left"][inner].astype(np.int64), nodes["right"][inner].astype(np.int64)
        if not len(nodes) or (len(inner) and (min((left - inner).min(), (right - inner).min()) <= 0)):
            raise ArtifactError("A node of a tree leads back. The file is damaged or made up; save the model anew.")
        if len(inner) and max(left.max(), right.max()) >= len(nodes):
            raise ArtifactError(
                "A node of a tree leads out of it. The file is damaged or made up; save the model anew."
            )
    for tree in (tree for stage in getattr(value, "_predictors", ()) for tree in stage):
        if tree.nodes["feature_idx"].max(initial=0) >= value._n_features:
            raise ArtifactError("A tree looks at a feature that is not there. The file is damaged or made up.")


def take_neighbours(tree: Any) -> dict[str, Any]:
    """Return the rows and the distance of a tree of neighbours, from which it can be grown again as it was."""
    state = tree.__getstate__()
    metric = type(state[11]).__name__.removesuffix("32").removesuffix("64").removesuffix("Distance")
    if metric not in METRICS:
        raise TypeError(f"a tree of neighbours has the distance {metric}")
    power = {"p": float(state[11].__getstate__()[0])} if metric == "Minkowski" else {}
    return {"data": np.asarray(state[0]), "leaf_size": int(state[4]), "metric": METRICS[metric], **power}


def make_neighbours(name: str) -> Callable[[dict[str, Any]], Any]:
    """Return how a tree of neighbours of this kind is grown; the same rows give the same tree."""

    def make(state: dict[str, Any]) -> Any:
        from sklearn import neighbors

        if state["metric"] not in METRICS.values():
            raise ArtifactError(f"Found the distance {state['metric']!r}; expected one of {sorted(METRICS.values())}.")
        return getattr(neighbors, name)(**state)

    return make


def make_generator(state: dict[str, Any]) -> Any:
    """Return NumPy's random generator in the state that it had."""
    return np.random.Generator(_bits(state))


def make_random_state(state: dict[str, Any]) -> Any:
    """Return NumPy's older random generator in the state that it had."""
    made = np.random.RandomState(_bits({key: state[key] for key in ("bit_generator", "state")}))
    made.set_state(state)
    return made


def take_loss(loss: Any) -> list[float]:
    """Return the numbers that one of scikit-learn's losses is made with."""
    make, arguments, *_ = loss.__reduce__()
    return [float(each) for each in arguments] if make is type(loss) else []


def make_loss(name: str) -> Callable[[list[float]], Any]:
    """Return how a loss of this name is made."""

    def make(numbers: list[float]) -> Any:
        return getattr(importlib.import_module("sklearn._loss._loss"), name)(*(float(each) for each in numbers))

    return make


def _bits(state: dict[str, Any]) -> Any:
    name = state["bit_generator"]
    if name not in BIT_GENERATORS:
        raise ArtifactError(f"Found the random generator {name!r}; expected one of {list(BIT_GENERATORS)}.")
    bits = getattr(np.random, name)(0)
    bits.state = state
    return bits


COMPILED: Mapping[str, Compiled] = {
    "sklearn.tree._tree:Tree": Compiled(take_tree, make_tree),
    "sklearn.neighbors._kd_tree:KDTree": Compiled(take_neighbours, make_neighbours("KDTree")),
    "sklearn.neighbors._ball_tree:BallTree": Compiled(take_neighbours, make_neighbours("BallTree")),
    "numpy.random._generator:Generator": Compiled(lambda each: each.bit_generator.state, make_generator),
    "numpy.random.mtrand:RandomState": Compiled(lambda each: each.get_state(legacy=False), make_random_state),
    **{f"sklearn._loss._loss:{name}": Compiled(take_loss, make_loss(name)) for name in LOSSES},
}
"""By the class's name, as a file has it."""
