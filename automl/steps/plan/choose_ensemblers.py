"""Choose ensemblers: the option `ensemble` -> the ways to combine candidates that it allows."""

from __future__ import annotations

from collections.abc import Sequence

from automl.errors import OptionError, unknown_name
from automl.plugin_api.specs import EnsemblerSpec
from automl.vocabulary.task import Task


def allowed_ensemblers(option: str, specs: Sequence[EnsemblerSpec], task: Task) -> tuple[EnsemblerSpec, ...]:
    """Return the specs that the option `ensemble` allows for the task; an OptionError for an unknown option.

    "auto" allows those that ask to be in it, "none" the best candidate alone, and any other a whole family.
    """
    families = {spec.family for spec in specs} | {"auto", "none"}
    if option not in families:
        raise OptionError(unknown_name("ensemble", option, families))
    chosen = (spec for spec in specs if (spec.in_auto if option == "auto" else spec.family == option))
    return tuple(spec for spec in chosen if _suits(spec, task))


def _suits(spec: EnsemblerSpec, task: Task) -> bool:
    """Tell whether it combines predictions of the task: by its kind, or by the form of its outputs."""
    return task.is_one_of(spec.tasks) or {block.trait for block in task.blocks} <= spec.forms
