"""Check the labels: a model is saved without pickle, so the classes that it predicts need a form of their own."""

from __future__ import annotations

from automl.errors import ArtifactError
from automl.registry import Registry
from automl.storage.encode import UnencodableError, encode
from automl.storage.known_classes import known_classes
from automl.vocabulary.task import Task


def check_labels(task: Task, registry: Registry) -> None:
    """Raise an ArtifactError where a class has no form without pickle, before anything is written or fitted."""
    known = known_classes(registry.manager.get_plugins())
    for label in (label for each in task.targets or (task,) for label in each.classes):
        try:
            encode(label, known)
        except UnencodableError as reason:
            kind = type(label).__name__
            raise ArtifactError(
                f"The target {task.target!r} has labels of the type {kind}, such as {label!r}, which cannot be saved "
                f"without pickle: {reason}. Fit on text or numbers in their place, such as "
                f"df[{task.target!r}].map(str). A model that is fitted already predicts, and can be pickled."
            ) from reason
