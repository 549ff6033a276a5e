"""Widen the table: what the rows of a group tell of each other becomes columns, as the task at hand says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from automl.errors import AutoMLError, PluginError, error_line
from automl.registry import BREAKS
from automl.vocabulary.arrays import Array

Widen = Callable[[Any, Array], Any]
"""From feature columns and the number of each row's group to wider ones, row by row."""


def widened(frame: pd.DataFrame, groups: Array, widen: Widen) -> pd.DataFrame:
    """Return checked feature columns as the task widens them; a PluginError where it breaks."""
    try:
        made = widen(frame, groups)
        if not isinstance(made, pd.DataFrame) or len(made) != len(frame):
            raise ValueError(f"it made a {type(made).__name__} of {len(frame)} rows; expected a frame of as many")
    except AutoMLError:
        raise
    except BREAKS as error:
        raise PluginError(
            f"The task cannot widen the table: {error_line(error)}. Tell the author of the plugin, or name another one."
        ) from error
    return made.set_axis(frame.index, axis=0)
