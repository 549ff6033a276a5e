"""Predict a block: from rows as they travel to predictions as they are written, in whatever process."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import AutoMLError, InputError, error_line
from automl.plugin_api.executors import Workplace
from automl.predict_files.nouns import Block, Failed, Load, Model, NotAlikeError, Predicted, Reading, Wanted
from automl.predict_files.predicted_frame import predicted_frame
from automl.predict_files.write_table import Form
from automl.vocabulary.refs import Ref

MODEL = "model.automl"
"""What a saved model is called among published files."""
_LOADED: dict[Path, Model] = {}


@dataclass(frozen=True, slots=True)
class Call:
    """What is the same for all blocks of a file: how they are read, what of them is wanted, and in which form."""

    reading: Reading
    wanted: Wanted
    form: Form


def warm_up() -> None:
    """Do nothing: a process that is told to call this has imported what is imported here."""


def predict_block(workplace: Workplace, published: Ref, load: Load, call: Call, block: Block) -> Predicted | Failed:
    """Predict a block with a saved model that was published, which stays loaded in this process."""
    try:
        model = loaded(load, workplace.files(published)[MODEL])
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("default")
            found = predict_rows(model, call, block)
    except Exception as error:
        return Failed(_travelling(error, block))
    except SystemExit as error:  # a plugin's
        return Failed(_travelling(error, block))
    messages = tuple(dict.fromkeys(str(each.message) for each in told if issubclass(each.category, UserWarning)))
    return Predicted(found.n_rows, found.data, found.seen, messages)


def predict_rows(model: Model, call: Call, block: Block) -> Predicted:
    """Predict a block with a model."""
    taken = call.reading.read(block, model.schema_)
    if len(taken.frame) != block.n_rows:
        raise NotAlikeError(f"{block.place} were found to be {len(taken.frame)}")
    predictions = predicted_frame(model, taken.frame, call.wanted)
    if taken.identifier is not None:
        predictions[call.wanted.identifier] = taken.identifier
    return Predicted(block.n_rows, call.form.pack(predictions), taken.seen)


def loaded(load: Load, place: Path) -> Model:
    """Return a saved model that predicts with one thread, as there are other processes beside this one.

    The last one stays loaded. `load` comes with every block, another object each time, so the place alone tells it.
    """
    if place not in _LOADED:
        _LOADED.clear()
        model: Any = load(place)
        _LOADED[place] = model.set_params(n_jobs=1)
    return _LOADED[place]


def told_where(error: BaseException, block: Block) -> Exception:
    """Return an error of a block as the user is to see it, with the rows that it is about."""
    place = f"{block.place[:1].upper()}{block.place[1:]}"
    if isinstance(error, NotAlikeError):
        return error
    if isinstance(error, MemoryError):
        return InputError(
            f"{place} could not be predicted, since the memory did not suffice. Leave more of it free, or give fewer "
            f"--jobs."
        )
    if isinstance(error, AutoMLError):
        return type(error)(f"{place}: {error}")
    return InputError(
        f"{place} could not be predicted: {error_line(error)}. Predict these rows alone to see where it breaks, and "
        f"tell the author of the plugin or of this program."
    )


def _travelling(error: BaseException, block: Block) -> Exception:
    """Return an error that another process can read."""
    told = told_where(error, block)
    try:
        pickle.loads(pickle.dumps(told))
    except Exception:
        return InputError(str(told))
    return told
