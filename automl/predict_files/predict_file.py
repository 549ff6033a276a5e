"""Predict a file: the rows of a table in a file, in their order, to a file; of large ones block by block."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

from automl.predict_files.block_by_block import BlockByBlock
from automl.predict_files.copy_identifier import as_written
from automl.predict_files.nouns import (
    Model,
    NotAlikeError,
    OtherColumnError,
    OtherEncodingError,
    OtherIdentifierError,
    Served,
    Tell,
    Wanted,
)
from automl.predict_files.open_rows import Told, open_rows
from automl.predict_files.predicted_frame import predicted_frame
from automl.predict_files.write_table import check_output, is_parquet, write_table
from automl.table.read_like import read_like
from automl.vocabulary.places import place_of


def predict_file(served: Served, source: Path, output: Path, wanted: Wanted, tell: Tell) -> int:
    """Write the predictions of a file's rows, in their order, and return how many there are.

    They are those that the model gives for the whole table, to the last bit: blocks are as long as the parts in which
    it predicts a table, and each is read as it would be among all rows.
    """
    source, output = place_of(source), place_of(output)
    check_output(output, source)
    told = Told(identifier=not is_parquet(output))
    while not served.by_group:
        try:
            rows = open_rows(source, served.model, wanted, told)
            if rows is None:
                break
            return BlockByBlock(served, rows, wanted, tell).write(output)
        except OtherIdentifierError:
            told = replace(told, identifier=True)
        except OtherEncodingError:
            told = replace(told, encoding=told.encoding + 1)
        except OtherColumnError as found:
            told = replace(told, columns=(*told.columns, found.name))
        except NotAlikeError as found:
            message = f"{str(source)!r}: {found}; the table is read at once, which takes memory for all of its rows."
            warnings.warn(message, UserWarning, stacklevel=2)
            break
    return _at_once(served.model, source, output, wanted)


def _at_once(model: Model, source: Path, output: Path, wanted: Wanted) -> int:
    table = read_like(source, model.schema_, model.task_)
    predictions = predicted_frame(model, table, wanted)
    if wanted.identifier is not None:
        own = table[wanted.identifier].reset_index(drop=True)
        predictions[wanted.identifier] = as_written(source, own).to_numpy()
    write_table(predictions, output)
    return len(predictions)
