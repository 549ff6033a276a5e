"""Fits that share work start together, one on each slot, and are told how many they are."""

import os
import time
from pathlib import Path

from automl.plugin_api import ModelSpec, Resources, hookimpl
from tests.conftest import quick
from tests.tables import binary_table
from tests.troublesome import ClassShares

NOTES = "NOTES_OF_SHARED_WORK"


class Shares(ClassShares):
    """Notes when it was fitted, and with how many others."""

    def fit(self, train, valid, context):
        begun = time.monotonic()
        time.sleep(1.0 if context.sharing > 1 else 0.0)
        note = f"{begun} {time.monotonic()} {context.sharing}"
        Path(os.environ[NOTES], f"{os.getpid()}-{time.monotonic_ns()}").write_text(note)
        super().fit(train, valid, context)


class OffersShares:
    """A plugin with a model whose fits share work."""

    @hookimpl
    def automl_models(self):
        told = Resources(0.1, 10.0, shared_seconds=2.0, shared_key="work")
        return [ModelSpec("shares", Shares, defaults=({},), resources=lambda size: told)]


def test_the_first_fits_share_the_work_and_later_ones_find_it(tmp_path, monkeypatch):
    monkeypatch.setenv(NOTES, str(tmp_path))
    model = quick(
        time_limit=40, models=["shares"], plugins=[OffersShares()], max_trials=2, executor="process_slots", n_jobs=2
    ).fit(binary_table(), "bought")
    assert model.failures().empty
    fits = sorted([float(each) for each in path.read_text().split()] for path in tmp_path.iterdir())
    assert [int(sharing) for _, _, sharing in fits] == [2, 2, 1]
    assert fits[1][0] < fits[0][1]  # the second had begun when the first was still at it
