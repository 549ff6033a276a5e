"""StoredRows: encoded rows that many preparations pick columns from, each selection made once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from automl.machine.one_at_a_time import one_at_a_time
from automl.vocabulary.arrays import Array


class StoredRows:
    """Rows as `encode_table` stores them, kept in blocks of one type.

    Columns of one block are picked as an array and wrapped, which for few rows takes a tenth of what pandas does.
    """

    def __init__(self, blocks: Sequence[pd.DataFrame], n_rows: int) -> None:
        """Keep the blocks; nothing is picked yet."""
        self._blocks = [block for block in blocks if block.shape[1]]
        self._arrays: list[Array] = [block.to_numpy() for block in self._blocks]
        self._places = {
            name: (number, place)
            for number, block in enumerate(self._blocks)
            for place, name in enumerate(block.columns.tolist())
        }
        self._picked: dict[tuple[str, ...], pd.DataFrame] = {}
        self._taken: dict[tuple[str, ...], Array] = {}
        self._whole: pd.DataFrame | None = None
        self.n_rows = n_rows

    @staticmethod
    def of(frame: pd.DataFrame) -> StoredRows:
        """Return the rows of a stored frame."""
        kinds = list(dict.fromkeys(frame.dtypes))
        blocks = [frame] if len(kinds) <= 1 else [frame.loc[:, frame.dtypes == kind] for kind in kinds]
        return StoredRows(blocks, len(frame))

    def whole(self) -> pd.DataFrame:
        """Return all columns, those of a block beside each other."""
        if self._whole is None:
            filled = self._blocks or [pd.DataFrame(index=pd.RangeIndex(self.n_rows))]
            self._whole = filled[0] if len(filled) == 1 else pd.concat(filled, axis=1)
        return self._whole

    def array(self, names: tuple[str, ...]) -> Array:
        """Return some columns as `(n_rows, n_columns)`, of float64 where types differ. It is not to be changed."""
        if names not in self._taken:
            places = [self._places[name] for name in names]
            arrays = [self._arrays[number] for number in dict.fromkeys(number for number, _ in places)]
            if len(arrays) == 1:
                in_order = [place for _, place in places]
                whole = in_order == list(range(arrays[0].shape[1]))
                self._taken[names] = arrays[0] if whole else arrays[0][:, in_order]
            else:
                columns = [self._arrays[number][:, place] for number, place in places]
                self._taken[names] = np.array(columns, dtype=np.float64).reshape(len(columns), self.n_rows).T
        return self._taken[names]

    def pick(self, names: tuple[str, ...]) -> pd.DataFrame:
        """Return some columns; the same frame for the same names. It is not to be changed."""
        if names not in self._picked:
            self._picked[names] = self._pick(names)
        return self._picked[names]

    def _pick(self, names: tuple[str, ...]) -> pd.DataFrame:
        places = [self._places[name] for name in names]
        numbers = {number for number, _ in places}
        if len(numbers) != 1:
            return self.whole()[list(names)]
        return pd.DataFrame(self.array(names), columns=index_of(names), copy=False)


@lru_cache(maxsize=1000)
@one_at_a_time
def index_of(names: tuple[str, ...]) -> pd.Index:
    """Return names as a pandas index; made once, as making it takes longer than wrapping an array."""
    return pd.Index(names, dtype=object)


def frame_mb(frame: pd.DataFrame) -> float:
    """Return the megabytes of a frame's cells, texts as references; columns are not looked at one by one."""
    return len(frame) * sum(getattr(dtype, "itemsize", 8) for dtype in frame.dtypes) / 2**20
