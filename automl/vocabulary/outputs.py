"""Outputs: what follows from their mathematical form alone, whatever the task is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from automl.vocabulary.arrays import Array
from automl.vocabulary.task import Block, Task, Trait


def valid_outputs(found: Array, task: Task) -> Array:
    """Return `(n_rows, n_outputs)` finite numbers made into outputs of the task's form.

    Probabilities are clipped, and sum to one where they are of one simplex; ordered numbers are sorted; values lie
    between the ends of their target; others stay.
    """
    if not task.parts:
        return as_probabilities(found) if task.has_classes else _between_ends(found, task)
    owners = task.targets or [task] * len(task.parts)
    blocks = zip(owners, by_block(found, task), strict=True)
    return np.hstack([_made_valid(part, block.trait, owner) for owner, (block, part) in blocks])


def combined_outputs(found: Array, task: Task) -> Array:
    """Return what a combiner made of its members' outputs, `(n_rows, n_outputs)`, as float64 outputs of the form."""
    return valid_outputs(np.asarray(found, dtype=np.float64), task)


def has_form(outputs: Array, task: Task, tolerance: float) -> bool:
    """Tell whether finite outputs `(n_rows, n_outputs)` have the form of the task's, to within a tolerance."""
    return all(
        block.trait not in HAS_FORM or HAS_FORM[block.trait](part, tolerance) for block, part in by_block(outputs, task)
    )


def form_of(task: Task) -> str:
    """Return in words what outputs of the task's form are, and what is expected of them."""
    return "; ".join(dict.fromkeys(IN_WORDS[block.trait] for block in task.blocks))


def by_block(outputs: Array, task: Task) -> Iterator[tuple[Block, Array]]:
    """Yield each block with its columns."""
    start = 0
    for block in task.blocks:
        yield block, outputs[:, start : start + block.width]
        start += block.width


def by_target(outputs: Array, task: Task) -> Iterator[tuple[Task, Array]]:
    """Yield the task of each target alone with its outputs: a probability for each of its classes, or its value."""
    if not task.targets:
        yield task, outputs
    for one, (block, part) in zip(task.targets, by_block(outputs, task), strict=bool(task.targets)):
        if block.trait is Trait.INDEPENDENT:
            both = np.column_stack([1.0 - part[:, 0], part[:, 0]])
            yield one, both[:, -len(one.classes) :]
        else:
            yield one, part


def decided_outputs(
    outputs: Array,
    task: Task,
    factors: Array | None,
    decide: Callable[..., Array] | None,
    groups: Array | None = None,
) -> Array:
    """Return outputs whose largest in a row, or in a block of it, is the class that is predicted.

    factors: `(n_outputs,)`, what each probability is multiplied by before anything is decided, or None. decide: a
    task's own way from outputs to class numbers, whatever they are multiplied by in a row; None takes the largest.
    groups: `(n_rows,)` for a task that decides by group, None for others.
    """
    weighed = outputs if factors is None else weighed_outputs(outputs, task, factors)
    if decide is None:
        return weighed
    by = () if groups is None else (groups,)
    return np.eye(task.n_outputs)[np.asarray(decide(weighed, task, *by), dtype=np.int64)]


def weighed_outputs(outputs: Array, task: Task, factors: Array) -> Array:
    """Return outputs, each times its factor; of a probability for itself it is the odds that are multiplied."""
    if not task.parts:
        return np.asarray(outputs * factors)
    parts = zip(by_block(np.asarray(outputs, dtype=np.float64), task), by_block(factors[None, :], task), strict=True)
    return np.hstack([WEIGHED.get(block.trait, np.multiply)(part, factor) for (block, part), (_, factor) in parts])


def deciding_outputs(task: Task) -> list[list[int]]:
    """Return the numbers of the outputs that decide together: those of a block of classes, each probability for itself.

    Values decide nothing.
    """
    found: list[list[int]] = []
    for block, numbers in by_block(np.arange(task.n_outputs)[None, :], task):
        found += numbers.tolist() if block.trait is Trait.SIMPLEX else []
        found += numbers.T.tolist() if block.trait is Trait.INDEPENDENT else []
    return found


def decided_by_block(decided: Array, task: Task) -> Array:
    """Return what is predicted, `(n_rows, n_blocks)`: class numbers, 0 or 1 of a probability for itself, or values.

    decided: outputs as `decided_outputs` gives them. A block of several values has its first.
    """
    return np.column_stack([DECIDED.get(block.trait, _first)(part) for block, part in by_block(decided, task)])


def strata_of(target: Array, task: Task) -> Array | None:
    """Return what rows are dealt evenly by, `(n_rows,)` class numbers; None where only the order of values counts."""
    return target if task.has_classes else None


def is_one_number(task: Task) -> bool:
    """Tell whether outputs are a prediction of one number a row, and no more."""
    return not task.parts and task.blocks[0].trait is Trait.REAL


def value_pairs(task: Task) -> tuple[tuple[int, int, float], ...]:
    """Return the pairs of outputs that a value lies between, and in which share of rows; none for other forms.

    Of a plain number that is the one output twice, and no share; of quantiles the outermost two, those within, and so
    on, as far as the middle.
    """
    if is_one_number(task):
        return ((0, 0, 0.0),)
    levels = task.blocks[0].levels if len(task.blocks) == 1 else ()
    return tuple((low, -1 - low + len(levels), levels[-1 - low] - levels[low]) for low in range((len(levels) + 1) // 2))


def is_one_class(task: Task) -> bool:
    """Tell whether outputs are the probabilities of classes of which each row has one, and no more."""
    return not task.parts and task.has_classes


def told_outputs(task: Task) -> list[int]:
    """Return the numbers of the outputs that tell all: the one that does, else each of them."""
    return list(range(task.n_outputs)) if task.told_by is None else [task.told_by]


def certain_outputs(target: Array, task: Task) -> Array:
    """Return the outputs `(n_rows, n_outputs)` that leave no doubt of a target: its class, or its value in each."""
    if task.targets:
        parts = (certain_outputs(target[:, number], each) for number, each in enumerate(task.targets))
        return np.hstack([part[:, -block.width :] for part, block in zip(parts, task.blocks, strict=True)])
    return (
        np.eye(task.n_outputs)[np.asarray(target, dtype=np.int64)]
        if task.has_classes
        else np.tile(target[:, None], (1, task.n_outputs))
    )


def gives_scores(task: Task) -> bool:
    """Tell whether outputs are scores, which put the rows of a group in order."""
    return len(task.blocks) == 1 and task.blocks[0].trait is Trait.SCORE


def as_predicted(outputs: Array, task: Task) -> Array:
    """Return outputs of a task without classes as `predict` gives them: `(n_rows,)` where a row has one plain number.

    Quantiles stay `(n_rows, n_levels)`, also of a single level.
    """
    blocks = task.blocks
    return outputs[:, 0] if len(blocks) == 1 and blocks[0].width == 1 and not blocks[0].levels else outputs


def reviewed_as(outputs: Array, task: Task) -> tuple[Trait | None, Array]:
    """Return the form that outputs are reviewed in, and what of them is; None where that is nothing.

    Of ordered numbers it is the middle one, as a value.
    """
    if not task.parts:
        return task.blocks[0].trait, outputs
    if len(task.parts) > 1 or task.parts[0].trait is not Trait.ORDERED:
        return None, outputs
    return Trait.REAL, outputs[:, [middle_of(task.parts[0])]]


def middle_of(block: Block) -> int:
    """Return which output of an ordered block lies in the middle: the level nearest to a half."""
    if not block.levels:
        return block.width // 2
    return int(np.argmin(np.abs(np.asarray(block.levels) - 0.5)))


def output_names(task: Task) -> list[str]:
    """Return what each output is called: a class by its label, a number by its block, its level or its number too.

    Where there are several targets, classes are called by their target as well.
    """
    pairs = [(block, name) for block in task.blocks for name in _names_in(block)]
    return [f"{block.name}={name}" if task.targets and block.classes else name for block, name in pairs]


def output_marks(task: Task) -> list[str]:
    """Return what tells each output of a number from the others in names of a user's: its level, or its number."""
    return [
        mark
        for block in task.blocks
        for mark in ([f"{level:g}" for level in block.levels] or [str(each + 1) for each in range(block.width)])
    ]


def _names_in(block: Block) -> list[str]:
    if block.classes:
        return [str(label) for label in block.classes]
    if block.levels:
        return [f"{block.name}_{level:g}" for level in block.levels]
    return [block.name] if block.width == 1 else [f"{block.name} {number}" for number in range(1, block.width + 1)]


def plain_needs(task: Task) -> str:
    """Return what a metric that says nothing of itself is given: what `predict` gives, "labels" or "values"."""
    return "labels" if task.has_some_classes else "values"


def as_probabilities(found: Array) -> Array:
    """Return rows that sum to one: clipped to 0 and 1, divided by their sum; even shares where that is 0."""
    found = _clipped(found)
    total = found.sum(axis=1, keepdims=True)
    known = total > 0
    if known.all():
        return np.asarray(found / total)
    return np.where(known, found / np.where(known, total, 1.0), 1.0 / found.shape[1])


def _clipped(found: Array) -> Array:
    found = np.ascontiguousarray(found, dtype=np.float64)  # adds alike for one row and for many
    return np.minimum(np.maximum(found, 0.0), 1.0)  # for one row sooner than `clip`


def _made_valid(found: Array, trait: Trait, task: Task) -> Array:
    made = MADE_VALID[trait](found)
    return _between_ends(made, task) if trait in VALUES else made


def _between_ends(found: Array, task: Task) -> Array:
    least, most = task.ends
    if least > -np.inf:
        found = np.maximum(found, least)
    return np.minimum(found, most) if most < np.inf else found


def _as_they_are(found: Array) -> Array:
    return found


def _sorted(found: Array) -> Array:
    return np.sort(found, axis=1)


def _are_probabilities(found: Array, tolerance: float) -> bool:
    return bool(found.min() >= -tolerance and found.max() <= 1.0 + tolerance)


def _is_simplex(found: Array, tolerance: float) -> bool:
    return _are_probabilities(found, tolerance) and bool(np.abs(found.sum(axis=1) - 1.0).max() <= tolerance)


def _never_falls(found: Array, tolerance: float) -> bool:
    return bool((np.diff(found, axis=1) >= -tolerance).all())


def _odds_multiplied(probabilities: Array, factors: Array) -> Array:
    scaled = probabilities * factors
    return np.asarray(scaled / np.maximum(1.0 - probabilities + scaled, TINY))


def _largest(found: Array) -> Array:
    return np.asarray(found.argmax(axis=1))


def _more_likely(found: Array) -> Array:
    return np.asarray(found[:, 0] > LIKELY, dtype=np.int64)


def _first(found: Array) -> Array:
    return np.asarray(found[:, 0])


TINY = 1e-300
LIKELY = 0.5
"""A probability for itself above this is decided to be a yes."""
WEIGHED: Mapping[Trait, Callable[[Array, Array], Array]] = {Trait.INDEPENDENT: _odds_multiplied}
"""How outputs of a block are multiplied by factors, where that is not each by its own."""
DECIDED: Mapping[Trait, Callable[[Array], Array]] = {Trait.SIMPLEX: _largest, Trait.INDEPENDENT: _more_likely}
"""How a block's outputs become one value for each row; others have their first."""
MADE_VALID: Mapping[Trait, Callable[[Array], Array]] = {
    Trait.SIMPLEX: as_probabilities,
    Trait.INDEPENDENT: _clipped,
    Trait.REAL: _as_they_are,
    Trait.ORDERED: _sorted,
    Trait.SCORE: _as_they_are,
}
VALUES = frozenset({Trait.REAL, Trait.ORDERED})
"""Outputs in the units of the target, which lie between its ends."""
IN_WORDS: Mapping[Trait, str] = {
    Trait.SIMPLEX: "probabilities; expected numbers from 0 to 1 that add up to 1 in each row",
    Trait.INDEPENDENT: "probabilities; expected numbers from 0 to 1",
    Trait.REAL: "values; expected numbers",
    Trait.ORDERED: "ordered values; expected numbers that never fall from one output to the next",
    Trait.SCORE: "scores; expected numbers",
}
HAS_FORM: Mapping[Trait, Callable[[Array, float], bool]] = {
    Trait.SIMPLEX: _is_simplex,
    Trait.INDEPENDENT: _are_probabilities,
    Trait.ORDERED: _never_falls,
}
