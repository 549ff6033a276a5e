"""A spec that is filled in wrongly is refused where its author sees it."""

from __future__ import annotations

import pytest

from automl.plugin_api import ColumnKind, DefaultFor, ModelSpec, PreprocessorSpec


@pytest.mark.parametrize(
    ("what", "found"),
    [
        ("defaults", (3,)),
        ("defaults", {}),
        ("tasks", None),
        ("accepts", ("numeric",)),
        ("needs", 3),
        ("requires", (3,)),
        ("requires", "torch"),
    ],
)
def test_a_field_of_another_type_is_named_with_what_was_found(what, found):
    with pytest.raises(TypeError, match=f"ModelSpec 'mine' has {what}="):
        ModelSpec("mine", lambda request: None, **{what: found})


def test_a_preprocessor_is_no_default_for_columns_that_it_does_not_take():
    texts = DefaultFor(frozenset({ColumnKind.TEXT}))
    with pytest.raises(TypeError, match="expected a DefaultFor with kinds among those that it handles"):
        PreprocessorSpec("mine", lambda request: None, frozenset({ColumnKind.IMAGE}), default_for=(texts,))
