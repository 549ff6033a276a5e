"""Classes that a saved model could not hold are refused before anything is fitted."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
import pytest

from automl.errors import ArtifactError
from automl.registry import discover
from automl.steps.plan.check_labels import check_labels
from automl.vocabulary.task import Task, TaskKind

REGISTRY = discover()


@dataclass(frozen=True, order=True)
class Grade:
    """A user's own class of labels."""

    value: int


@pytest.mark.parametrize(
    "labels",
    [("no", "yes"), (1, 2**70), (1.5, 2.5), (False, True), (datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)),
     (Decimal("1.5"), Decimal(2)), (pd.Timestamp("2020"), pd.Timestamp("2021")), ((1, 2), (3, 4)), (b"a", b"b")],
    ids=lambda labels: type(labels[0]).__name__,
)  # fmt: skip
def test_usual_labels_pass(labels):
    check_labels(Task(TaskKind.BINARY, "y", labels), REGISTRY)


def test_objects_of_the_users_own_are_refused_with_an_example_and_what_to_do():
    with pytest.raises(ArtifactError, match=r"type Grade, such as .*Grade\(value=1\).*df\['y'\]\.map\(str\)"):
        check_labels(Task(TaskKind.BINARY, "y", (Grade(1), Grade(2))), REGISTRY)
