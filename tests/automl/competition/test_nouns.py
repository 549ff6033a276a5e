"""The nouns of a competition say what follows from what they hold."""

from pathlib import Path

from automl.competition.nouns import ROW_NUMBER, Columns, Form, Guess, Outputs, Wanted, listed
from automl.plugin_api.specs.tasks import SUBMITTED
from automl.vocabulary.task import Task, TaskKind


def test_the_files_of_a_run_lie_beside_its_submission():
    found = Outputs.beside(Path("deep/sub.v2.csv"))
    assert found.out_of_fold == Path("deep/sub.v2_oof.csv")
    assert found.test_predictions == Path("deep/sub.v2_test.csv")
    assert found.record == Path("deep/sub.v2_run.json")


def test_a_column_that_numbers_rows_is_none_of_the_test_table():
    columns = Columns((("Id", "id"), ("Row", ROW_NUMBER)), "y", ("y",), ("a",))
    assert columns.test_keys == ("id",)


def test_a_task_can_name_every_form_of_a_submission():
    assert tuple(form.value for form in Form) == SUBMITTED


def test_of_two_classes_the_one_asked_for_tells_both_and_of_several_each_is_kept():
    two, three = Task(TaskKind.BINARY, "y", ("a", "b")), Task(TaskKind("ranks"), "y", (1, 2, 3))
    said = [
        Wanted(Form.LABELS, task, None, ("y",), positive=0) for task in (two, three, Task(TaskKind.REGRESSION, "y"))
    ]
    assert [each.kept_by for each in said] == [0, None, 0]
    assert [each.asked_class for each in said] == ["a", None, None]


def test_a_guess_is_one_line_with_its_reason():
    assert Guess("id", "case", "as asked").line == "id: case (as asked)"


def test_of_many_names_the_first_are_listed_and_the_rest_counted():
    assert listed(["a", "b"]) == "a, b"
    assert listed(range(10), 3) == "0, 1, 2 and 7 more"
