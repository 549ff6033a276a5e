"""A search in this process, opened up to the point where the first candidate would be tried."""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from automl import AutoML
from automl.registry import discover_quietly
from automl.steps.plan.encode_given import EncodedTable, encode_given
from automl.steps.plan.given import Given, Search
from automl.steps.plan.parse_settings import parse_settings
from automl.steps.plan.understand import Understood, understand
from automl.steps.trials.bring_up import Workers, workers_for
from automl.steps.trials.open_trials import open_trials
from automl.steps.trials.setup import Setup
from automl.table.take_table import Extras
from automl.vocabulary.deadline import Stopwatch

OPTIONS = {"time_limit": None, "max_trials": 3, "cv": 3, "n_jobs": 1, "verbose": 0, "executor": "in_process",
           "models": ["baseline", "linear"]}  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """What the rooms before the trials have made."""

    search: Search
    asked: Understood
    workers: Workers
    table: EncodedTable
    setup: Setup


def asked_for(frame, target, extras=None, plugins=(), **options: Any) -> tuple[Understood, Search]:
    """Return what is understood of a call of `fit` with these options."""
    settings = parse_settings(AutoML(**{**OPTIONS, **options}).get_params(deep=False))
    search = Search(settings, discover_quietly(plugins), Stopwatch())
    return understand(Given(frame, target, extras or Extras()), search), search


@contextmanager
def opened(frame, target, extras=None, plugins=(), **options: Any):
    """Yield a search that is about to try its first candidate; its folder is gone at the end."""
    asked, search = asked_for(frame, target, extras, plugins, **options)
    with workers_for(asked, search, None) as workers:
        table = encode_given(asked, search, workers.data)
        yield Opened(search, asked, workers, table, open_trials(table, workers, search))
