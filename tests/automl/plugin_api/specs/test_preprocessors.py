"""A preprocessor's spec that is filled in wrongly is refused where its author sees it."""

from __future__ import annotations

import pytest

from automl.plugin_api import ColumnKind, DefaultFor, PreprocessorSpec


def test_a_preprocessor_is_no_default_for_columns_that_it_does_not_take():
    texts = DefaultFor(frozenset({ColumnKind.TEXT}))
    with pytest.raises(TypeError, match="expected a DefaultFor with kinds among those that it handles"):
        PreprocessorSpec("mine", lambda request: None, frozenset({ColumnKind.IMAGE}), default_for=(texts,))
