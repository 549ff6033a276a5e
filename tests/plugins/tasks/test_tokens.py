"""Tags of words: what the table becomes, what is told of it, and what a report shows."""

import numpy as np
import pandas as pd
import pytest

from automl.plugin_api import BuildRequest, Column, ColumnKind, Dataset, Placed, Schema, Task, TaskKind
from automl.testing import parametrize_with_task_checks
from automl_builtins.models.baseline import BASELINE
from automl_builtins.tasks.tokens import (
    SPEC,
    as_field,
    as_words,
    blocks,
    decide,
    evaluated_of,
    lend,
    metric_of,
    show,
    tell,
    widen,
    word_column,
)

IOB2 = Task(TaskKind("token_classification"), "tag", ("B-X", "B-Y", "I-X", "O"), grouped_by="sentence")
SPEECH = Task(TaskKind("token_classification"), "tag", ("DET", "NOUN"), grouped_by="sentence")


@parametrize_with_task_checks([SPEC])
def test_it_keeps_the_task_contract(check):
    check()


def told(words, tags, groups, task=IOB2):
    groups = np.array(groups)
    cells = widen(pd.DataFrame({"token": words}), groups)
    target = np.array([task.classes.index(tag) for tag in tags])
    schema = Schema((Column("token", ColumnKind.SEQUENCE),))
    dataset = Dataset(cells, target, schema, task, np.arange(len(target)), groups=groups)
    return [finding.found for finding in tell(None, dataset)]


def test_each_word_comes_with_its_sentence_and_with_what_stands_beside_it():
    table = pd.DataFrame({"pos": ["D", "N", "D"], "Token": ["a", "cat", "the"], "score": [0.5, 1.5, 2.5]})
    made = widen(table, np.array([4, 4, 9]))
    assert made["Token"].tolist() == [
        Placed(0, "a\tD\t\ncat\tN\t"),
        Placed(1, "a\tD\t\ncat\tN\t"),
        Placed(0, "the\tD\t"),
    ]
    assert made[["pos", "score"]].equals(table[["pos", "score"]])
    assert table["Token"].tolist() == ["a", "cat", "the"]


def test_a_sentence_alone_is_widened_as_among_others_wherever_its_rows_stand():
    table, groups = pd.DataFrame({"token": ["a", "x", "b", "y"]}), np.array([1, 0, 1, 0])
    made = widen(table, groups)["token"]
    assert made[[0, 2]].tolist() == widen(table.iloc[[0, 2]], np.array([0, 0]))["token"].tolist()


def test_neighbouring_sentences_go_to_one_fold_in_blocks_that_leave_enough_of_them():
    assert blocks(np.array([0, 0, 1, 2])).tolist() == [0, 0, 1, 2]
    assert len(np.unique(blocks(np.arange(600)))) == 50
    assert np.bincount(blocks(np.arange(10_000))).max() == 50
    assert len(blocks(np.arange(0))) == 0


def test_the_column_of_words_is_known_by_its_name_else_it_is_the_first():
    assert word_column(["pos", "Word"]) == "Word"
    assert word_column(["form", "token"]) == "token"
    assert word_column(["parola", "pos"]) == "parola"


def test_words_are_text_whatever_they_came_as():
    assert as_words(pd.Series(["a\tb", None, "c\nd", ""], dtype=object)) == ["a b", "", "c d", ""]
    assert as_words(pd.Series([3.0, np.nan, 2.5])) == ["3", "", "2.5"]
    assert as_words(pd.Series(["x", "y"], dtype="category")) == ["x", "y"]
    assert as_field(pd.Series([1.5, 2.0])) == ["", ""]
    assert as_field(pd.Series([True, False])) == ["True", "False"]


def test_the_usual_metric_follows_from_the_tags():
    assert metric_of(IOB2) == "span_f1"
    assert metric_of(SPEECH) == "accuracy"


def test_labels_keep_to_the_scheme_within_a_sentence():
    outputs = np.array([[0.1, 0.0, 0.5, 0.4], [0.1, 0.0, 0.5, 0.4], [0.1, 0.0, 0.5, 0.4]])
    assert decide(outputs, IOB2, np.array([0, 0, 1])).tolist() == [3, 3, 3]
    outputs[0] = [0.5, 0.0, 0.4, 0.1]
    assert decide(outputs, IOB2, np.array([0, 0, 0])).tolist() == [0, 2, 2]


@pytest.mark.parametrize(
    ("words", "tags", "groups", "said"),
    [
        (["a", "b"], ["B-X", "I-X"], [0, 0], "the tags are IOB2: 1 spans of 2 types in 1 sentences"),
        (["a", "b"], ["O", "I-X"], [0, 0], "1 tags follow what the scheme does not allow before them"),
        (["a", "b", "c"], ["O", "O", "O"], [0, 1, 0], "2 sentences stand in 3 pieces"),
        (["a", "", None], ["O", "O", "O"], [0, 0, 0], "2 words are missing or empty"),
        ([1, 2.0, 7], ["O", "O", "O"], [0, 0, 0], "the words are numbers"),
    ],
)
def test_what_is_odd_is_told(words, tags, groups, said):
    assert any(said in each for each in told(words, tags, groups))


def test_nothing_odd_is_told_of_what_is_not():
    assert len(told(["a", "b", "2"], ["B-X", "I-X", "O"], [0, 0, 0])) == 1
    assert told(["a", "b"], ["DET", "NOUN"], [0, 0], SPEECH) == ["the 2 tags have no scheme such as IOB2"]


def test_of_tags_without_a_scheme_each_tag_is_told_and_nothing_about_spans():
    parts_of_speech = Task(IOB2.kind, "tag", ("NOUN", "VERB", "DET"))
    assert evaluated_of(parts_of_speech) == ("accuracy", "log_loss")
    assert "span_f1" in evaluated_of(IOB2)
    decided = np.eye(3)[[0, 1, 1, 0]]
    (tags,) = show(np.array([0, 1, 0, 0]), decided, decided, parts_of_speech, np.zeros(4))
    assert tags.heads[0] == "tag"
    assert tags.rows == (
        ("NOUN", "3", "2", "2", "1.000", "0.667", "0.800"),
        ("VERB", "1", "2", "1", "0.500", "1.000", "0.667"),
        ("DET", "0", "0", "0", "0.000", "0.000", "0.000"),
    )


def test_a_report_shows_spans_by_type_and_how_they_are_missed():
    target = np.array([0, 2, 3, 1, 3, 0, 3, 0])
    found = np.array([0, 2, 3, 0, 3, 0, 2, 3])
    decided = np.eye(4)[found]
    by_type, missed = show(target, decided, decided, IOB2, np.zeros(8))
    assert by_type.rows == (
        ("X", "3", "3", "1", "0.333", "0.333", "0.333"),
        ("Y", "1", "0", "0", "0.000", "0.000", "0.000"),
        ("all", "4", "3", "1", "0.333", "0.250", "0.286"),
    )
    assert [(row[0], row[1]) for row in missed.rows] == [
        ("the same span", "1"), ("the same words, another type", "1"), ("other words, the same type", "1"),
        ("other words and another type", "0"), ("nothing", "1"),
    ]  # fmt: skip


def test_models_that_know_two_classes_alone_tell_each_tag_from_the_others():
    assert lend(BuildRequest(IOB2), BASELINE.build).task.kind is TaskKind.MULTICLASS
    assert lend(BuildRequest(SPEECH), BASELINE.build).task.kind is TaskKind.BINARY
