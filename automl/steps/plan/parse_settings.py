"""Parse the settings: from the options as users type them to one checked record, each by the table of options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl.errors import OptionError
from automl.steps.plan.options import OPTIONS
from automl.vocabulary.readings import Asked
from automl.vocabulary.settings import SearchSettings


def parse_task_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed for the options that are for single tasks, as the tasks are given it."""
    return {
        name: option.setting.read(options.get(name, option.default))
        for name, option in OPTIONS.items()
        if option.of_task and option.setting is not None
    }


def parse_settings(options: Mapping[str, Any]) -> SearchSettings:
    """Return the settings; each option that cannot be used is one clear error."""
    if options["time_limit"] is None and options["max_trials"] is None:
        raise OptionError("Found time_limit=None and max_trials=None: the search would never end. Set one of them.")
    found: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for name, option in OPTIONS.items():
        if option.setting is not None:
            value = option.setting.read(options.get(name, option.default))
            (parts if option.setting.part else found)[option.setting.part or option.field] = value
    typed_jobs, typed_memory = options.get("n_jobs"), options.get("memory_limit")
    return SearchSettings(
        **found,
        asked=Asked(**parts),
        seeded=options["random_state"] is not None,
        most_slots=None if typed_jobs is None or typed_jobs < 0 else found["n_jobs"],
        memory_each_mb=None if typed_memory is None else found["memory_limit_mb"],
    )
