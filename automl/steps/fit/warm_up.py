"""Warm up a worker: import what every fit needs while the controller still reads the table."""

from __future__ import annotations

import importlib

MODULES = ("numpy", "pandas", "scipy.sparse", "automl.steps.fit.fit_fold")


def warm_up() -> None:
    """Import the common libraries; a model's own are imported by its first fit."""
    for name in MODULES:
        importlib.import_module(name)
