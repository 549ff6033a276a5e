"""What is found in the files before any fit, and told line by line."""

import pytest

from automl.competition.nouns import Form, Wishes
from automl.competition.prepare import prepare
from automl.competition.runs import ROW
from automl.errors import InputError
from automl.registry import discover_quietly
from automl.vocabulary.task import TaskKind
from tests.competitions import binary, numbers


@pytest.fixture(scope="module")
def registry():
    return discover_quietly(())


def prepared(frames, registry, told=None, **wishes):
    return prepare(frames, Wishes(**wishes), registry, (told if told is not None else []).append)


def test_each_guess_is_told_as_it_is_made_and_kept(registry):
    told = []
    found = prepared(binary(sample=0.5), registry, told)
    assert told == [guess.line for guess in found.guesses]
    assert {"id", "target", "task", "metric"} <= {guess.what for guess in found.guesses}
    assert (found.wanted.form, found.wanted.task.kind) == (Form.PROBABILITY, TaskKind.BINARY)
    assert found.columns.features == ("light", "soil")
    assert found.test_ids["id"].tolist() == found.rows.ids["id"].tolist()


def test_rows_without_an_id_are_numbered(registry):
    train, test, _ = numbers()
    found = prepared((train.drop(columns="id"), test.drop(columns="id"), None), registry, target="yield")
    assert found.train_ids[ROW].tolist() == [str(number) for number in range(90)]
    assert found.test_ids[ROW].tolist() == [str(number) for number in range(30)]


def test_the_decimal_sign_that_was_said_is_known_where_the_task_is_found(registry):
    train, test, _ = numbers()
    texts = train.assign(**{"yield": [f"{1 + value:.3f}".replace(".", ",") for value in train["yield"]]})
    with pytest.raises(InputError, match="more than one way"):
        prepared((texts, test, None), registry, target="yield", identifier=("id",))
    found = prepared((texts, test, None), registry, target="yield", identifier=("id",), decimal={"yield": ","})
    assert found.wanted.task.kind is TaskKind.REGRESSION
    assert prepared((texts, test, None), registry, target="yield", decimal={"": ","}).wanted.form is Form.VALUES
