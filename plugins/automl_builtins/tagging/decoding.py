"""Decode tags: the likeliest labels of each sentence that its scheme allows."""

from __future__ import annotations

import numpy as np

from automl.plugin_api import Array
from automl_builtins.tagging.schemes import Scheme, by_group

SMALLEST = 1e-12
NEVER = -1e6


def decoded(outputs: Array, scheme: Scheme, groups: Array) -> Array:
    """Return the number of each row's label, `(n_rows,)`: of all that the scheme allows those of the largest product.

    outputs: `(n_rows, n_labels)`, whatever a row is multiplied by. Rows of a group are one sentence, in their order
    (Viterbi, "Error bounds for convolutional codes", 1967). Sentences whose likeliest labels are allowed keep them.
    """
    best = np.asarray(outputs.argmax(axis=1))
    order, is_first = by_group(groups)
    if not len(order) or not scheme.is_one:
        return best
    follows, border = scheme.follows(), len(scheme.parts)
    found, is_last = best[order], np.append(is_first[1:], True)
    before = np.where(is_first, border, np.append(border, found[:-1]))
    wrong = ~follows[before, found] | (is_last & ~follows[found, border])
    number = np.cumsum(is_first) - 1
    sentences = np.unique(number[wrong])
    if len(sentences):
        starts = np.append(np.flatnonzero(is_first), len(order))
        _mend(found, np.log(np.maximum(outputs[order], SMALLEST)), follows, (starts[sentences], starts[sentences + 1]))
    best[order] = found
    return best


def _mend(found: Array, scores: Array, follows: Array, ends: tuple[Array, Array]) -> None:
    """Put the best allowed labels in place of those found in some sentences, the longest first, all step by step."""
    costs, border = np.where(follows, 0.0, NEVER), len(follows) - 1
    lengths = ends[1] - ends[0]
    starts = ends[0][np.argsort(-lengths, kind="stable")]
    lengths = -np.sort(-lengths)
    longest = int(lengths[0])
    best = scores[starts] + costs[border, :border]
    steps = np.zeros((longest, len(starts), border), dtype=np.int32)
    for place in range(1, longest):
        n_left = int((lengths > place).sum())
        reached = best[:n_left, :, None] + costs[None, :border, :border]
        steps[place, :n_left] = reached.argmax(axis=1)
        best[:n_left] = reached.max(axis=1) + scores[starts[:n_left] + place]
    label = (best + costs[:border, border]).argmax(axis=1)
    for place in range(longest - 1, -1, -1):
        rows = np.flatnonzero(lengths > place)
        found[starts[rows] + place] = label[rows]
        label[rows] = steps[place, rows, label[rows]]
