"""Keep the run: a folder in which a search that was stopped goes on, and which tells whether it has finished."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import FolderError
from automl.machine.hold_folder import LOCK, held, is_own
from automl.machine.hold_interrupts import interrupts_held
from automl.plugin_api.write_whole import PART, write_whole
from automl.steps.fit.store_dataset import StoredDataset, store_dataset
from automl.steps.plan.check_labels import check_labels
from automl.steps.plan.given import Search
from automl.steps.plan.understand import Understood
from automl.steps.resume.describe_run import Facts, changes, describe_run, differences, limits_of
from automl.steps.resume.log_folds import LOG
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.folds import ResamplingPlan

KIND, FORMAT = "automl run", 1
DESCRIPTION, FOLDER, MODEL, DATA, STORED = "run.json", "run", "model", "data", "table.fingerprint"
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Run:
    """A folder of a user's, and the search that is asked for there: what it is of, and when it has ended."""

    place: Path
    facts: Facts
    limits: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where fitted members lie until the search has finished."""
        return self.place / FOLDER

    @property
    def model(self) -> Path:
        """Where the fitted predictor is saved."""
        return self.place / MODEL


def run_for(asked: Understood, search: Search) -> Run | None:
    """Return the folder that the search is to go on in later; None where the settings name none."""
    if search.settings.path is None:
        return None
    check_labels(asked.task, search.registry)  # the model will be saved there
    place = Path(search.settings.path).absolute()
    return Run(place, describe_run(asked, search), limits_of(search.settings))


def has_finished(run: Run) -> bool:
    """Tell whether the same search has finished here and its predictor lies here; a FolderError if it was another."""
    there = _read(run.place / DESCRIPTION)
    if not there or (there["finished"] and not run.model.exists()):  # whoever removed the model wants another
        return False
    told = differences(there["facts"], run.facts)
    if there["finished"]:
        told += changes(there["limits"], run.limits)
    if told:
        raise FolderError(_not_the_same(run, bool(there["finished"]), told))
    return bool(there["finished"])


@contextmanager
def running_in(run: Run) -> Iterator[Path]:
    """Hold the run's folder while a search goes on in it; what was fitted stays there at the end.

    Pickled members of an earlier search are loaded from it, so it has to be this user's own.
    """
    with _usable(run.place):
        _make(run)
    with held(run.folder):
        with _usable(run.place):
            for part in (*run.folder.glob(f"*{PART}"), *run.folder.glob("*.stack")):
                part.unlink(missing_ok=True)
            shutil.rmtree(run.folder / DATA, ignore_errors=True)  # of one that was killed
            write_whole(run.place / DESCRIPTION, _description(run, finished=False), sync=True)
        try:
            yield run.folder
        finally:
            with interrupts_held():
                shutil.rmtree(run.folder / DATA, ignore_errors=True)


def store_in(folder: Path, dataset: Dataset, plan: ResamplingPlan, images: Mapping[str, Path]) -> StoredDataset:
    """Store the dataset in the folder of a search; what an earlier one there has stored was the same."""
    with _usable(folder):
        stored = store_dataset(dataset, plan, folder / DATA, images)
        known = folder / STORED
        if not known.exists():
            write_whole(known, stored.fingerprint.encode())
        elif known.read_text() != stored.fingerprint:
            raise FolderError(
                f"The search that was stopped in {str(folder.parent)!r} has read the same table in another way, as "
                f"another version of this package or of a plugin would. Choose another path, or remove this one."
            )
    return stored


@contextmanager
def _usable(place: Path) -> Iterator[None]:
    """Say what to do where a folder cannot be written to, or is full."""
    try:
        yield
    except FolderError:
        raise
    except OSError as error:
        raise FolderError(
            f"The folder {str(place)!r} cannot be used: {error}. Expected one that can be written to, with room for "
            f"the table and the fitted models. Free some, or choose another place by path= or the environment "
            f"variable TMPDIR."
        ) from error


def finish_run(run: Run) -> None:
    """Say that the search has finished and its predictor is saved; what it needed to go on is removed."""
    write_whole(run.place / DESCRIPTION, _description(run, finished=True), sync=True)
    shutil.rmtree(run.folder, ignore_errors=True)


def _make(run: Run) -> None:
    """Make the folder, or take one that a search has made before and nobody else could write to."""
    run.place.mkdir(parents=True, exist_ok=True)
    if not run.folder.exists():
        run.folder.mkdir(mode=0o700)
    elif not (run.place / DESCRIPTION).exists() and not (run.folder / LOG).exists() and _holds_more_than_a_lock(run):
        raise FolderError(
            f"{str(run.folder)!r} exists and no search has made it. Expected a new folder, or one of an earlier "
            f"search; choose another path."
        )
    if not is_own(run.folder):
        raise FolderError(
            f"{str(run.folder)!r} belongs to another user, or everybody may write to it, so its pickled models could "
            f"run anybody's code. Expected a folder of your own: choose another path, or chmod 700 what you trust."
        )


def _holds_more_than_a_lock(run: Run) -> bool:
    """Tell whether there is more than a search leaves that was killed before it could say what it is of."""
    return any(each.name != LOCK and not each.name.endswith(PART) for each in run.folder.iterdir())


def _description(run: Run, *, finished: bool) -> bytes:
    facts = {"kind": KIND, "format": FORMAT, "finished": finished, "limits": dict(run.limits), "facts": run.facts}
    return json.dumps(facts, indent=1).encode()


def _read(path: Path) -> dict[str, Any]:
    """Return what is written of an earlier search; nothing where there was none."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FolderError(
            f"{str(path)!r} cannot be read: {error}. Expected what a search has written; remove it to begin anew, or "
            f"choose another path."
        ) from error
    if not isinstance(found, dict) or (found.get("kind"), found.get("format")) != (KIND, FORMAT):
        raise FolderError(f"{str(path)!r} was written by no search of this version. Choose another path.")
    return found


def _not_the_same(run: Run, finished: bool, told: list[str]) -> str:
    more = f"; and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    what = "a search that has finished" if finished else "a search that was stopped"
    then = "whose result it would return" if finished else "which would go on from there"
    return (
        f"{str(run.place)!r} holds {what} and differs from this call: {'; '.join(told[:MOST_NAMED])}{more}. Expected "
        f"the same call, {then}. Choose another path, or remove this one to begin anew."
    )
