"""Spell the labels: each class as the train table writes it, or as the sample does where that writes them otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from automl.competition.find_form import labels_as_text
from automl.competition.match_names import plain


def spell_classes(
    classes: Sequence[Any],
    columns: Sequence[str],
    target: pd.Series,
    texts: Sequence[str],
    sample: pd.DataFrame | None,
) -> tuple[str, ...]:
    """Return how a submission writes each class of the target, whose cells are the `texts`; none for numbers.

    columns: those of the submission, and of the sample, for it.
    """
    usual = tuple(str(each) for each in labels_as_text(classes))
    if not usual or len(texts) != len(target):
        return usual
    written = _commonest(classes, target, texts)
    found = set() if sample is None else {text for name in columns if name in sample for text in sample[name]}
    found = {part for text in found for part in (text, *text.split())} - {""}
    shared = found & {*written, *usual}
    if shared <= set(written):
        return _by_sample(classes, found) or written
    return usual if shared <= set(usual) else written


def _commonest(classes: Sequence[Any], target: pd.Series, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the text that stands for each class most often."""
    pairs = pd.DataFrame({"label": target.to_numpy(dtype=object), "text": list(texts)}).dropna(subset="label")
    counts = pairs.value_counts(["label", "text"], sort=True).reset_index()
    found = counts.drop_duplicates("label").set_index("label")["text"].to_dict()
    return tuple(str(found.get(label, label)) for label in classes)


def _by_sample(classes: Sequence[Any], found: set[str]) -> tuple[str, ...]:
    """Return the sample's own spelling where it has each class in one other than the train table's."""
    near = {plain(text): text for text in found}
    spelled = tuple(near.get(plain(label), "") for label in classes)
    return spelled if all(spelled) and len(set(spelled)) == len(classes) else ()
