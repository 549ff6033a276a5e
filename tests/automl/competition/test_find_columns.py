"""Id, target and features are found in the files, whatever their names, and each says why."""

import numpy as np
import pandas as pd
import pytest

from automl.competition.find_columns import ONE_HOT, find_columns
from automl.competition.nouns import ROW_NUMBER, Wishes
from automl.errors import InputError, OptionError
from tests.competitions import as_tables, binary, classes, numbers, several

NOTHING = Wishes()


def find(frames, **wishes):
    return find_columns(as_tables(*frames), Wishes(**wishes))


def reasons(columns):
    return {guess.what: f"{guess.value} ({guess.reason})" for guess in columns.guesses}


def test_the_id_is_shared_with_the_test_table_and_the_target_with_the_train_table():
    columns = find(numbers())
    assert columns.keys == (("id", "id"),)
    assert (columns.target, columns.given) == ("yield", ("yield",))
    assert columns.features == ("light", "soil")
    said = reasons(columns)
    assert said["id"] == "id (in sample.csv and test.csv)"
    assert said["target"] == "yield (in sample.csv and train.csv, not in test.csv)"
    assert said["not trained on"].startswith("id (")


def test_a_header_may_differ_in_case_and_signs():
    train, test, sample = binary()
    columns = find((train, test, sample.rename(columns={"id": "ID", "alive": "Alive "})))
    assert columns.keys == (("ID", "id"),)
    assert (columns.target, columns.given) == ("alive", ("Alive ",))
    assert "where it is called Alive ," in reasons(columns)["target"]


def test_a_target_of_another_name_is_the_only_column_that_the_test_table_lacks():
    train, test, sample = binary()
    columns = find((train, test, sample.rename(columns={"alive": "prediction"})))
    assert (columns.target, columns.given) == ("alive", ("prediction",))


def test_an_id_of_another_name_is_found_by_its_values():
    train, test, sample = binary()
    columns = find((train, test, sample.rename(columns={"id": "case"})))
    assert columns.keys == (("case", "id"),)
    assert "are those of id in test.csv" in reasons(columns)["id"]


def test_an_id_that_only_the_sample_has_numbers_the_rows():
    train, test, sample = binary()
    columns = find((train.drop(columns="id"), test.drop(columns="id"), sample.assign(id=range(1, len(sample) + 1))))
    assert columns.keys == (("id", ROW_NUMBER),)
    assert columns.features == ("light", "soil")


def test_a_sample_of_predictions_alone_is_in_the_order_of_the_test_table():
    train, test, sample = binary()
    columns = find((train, test.drop(columns="id"), sample[["alive"]]))
    assert columns.keys == ()
    assert columns.given == ("alive",)


def test_columns_named_by_the_classes_lead_to_the_target():
    columns = find(classes())
    assert columns.target == "kind"
    assert columns.given == ("kind_fern", "kind_moss", "kind_tree")


def test_columns_of_zeros_and_ones_are_one_target():
    train, test, sample = classes()
    one_hot = pd.get_dummies(train["kind"]).astype(int)
    train = pd.concat([train.drop(columns="kind"), one_hot], axis=1)
    columns = find((train, test, sample.set_axis(["id", *one_hot.columns], axis=1)))
    assert columns.target == ONE_HOT
    assert columns.one_hot == ("fern", "moss", "tree")
    assert columns.features == ("light", "soil")


def test_without_a_sample_the_id_and_the_target_are_where_the_two_tables_differ():
    train, test, _ = binary()
    columns = find((train.drop(columns="id"), test))
    assert columns.keys == (("id", "id"),)
    assert columns.target == "alive"


def test_columns_that_the_test_table_lacks_are_left_out_and_told():
    train, test, sample = binary()
    columns = find((train.assign(seen_later=1), test.assign(only_here=2), sample))
    assert columns.features == ("light", "soil")
    assert reasons(columns)["left out"] == "seen_later (not in test.csv)"


def test_a_date_that_is_the_id_is_trained_on_unless_told_otherwise():
    train, test, sample = numbers()
    days = pd.date_range("2020-01-01", periods=len(train) + len(test)).astype(str).to_numpy()
    frames = (
        train.drop(columns="id").assign(day=days[: len(train)]),
        test.drop(columns="id").assign(day=days[len(train) :]),
        sample.drop(columns="id").assign(day=days[len(train) :])[["day", "yield"]],
    )
    assert "day" in find(frames).features
    assert "it is a date" in reasons(find(frames))["trained on"]
    assert "day" not in find(frames, train_on_id=False).features


def test_columns_of_an_id_that_rows_share_are_trained_on():
    train, test, sample = numbers()
    store = np.arange(len(test)) % 3
    day = np.arange(len(test)) // 3
    frames = (
        train.assign(store=np.arange(len(train)) % 3).drop(columns="id").assign(day=np.arange(len(train)) // 3),
        test.assign(store=store, day=day).drop(columns="id"),
        sample.assign(store=store, day=day)[["store", "day", "yield"]],
    )
    columns = find(frames)
    assert columns.test_keys == ("store", "day")
    assert {"store", "day"} <= set(columns.features)


def test_the_id_is_trained_on_where_that_is_asked_for():
    assert "id" in find(binary(), train_on_id=True).features


def test_a_target_in_the_test_table_is_told_with_labels_that_the_train_table_has_not():
    train, test, sample = binary(labels=("no", "yes"))
    columns = find((train, test.assign(alive="maybe"), sample))
    assert columns.target == "alive"
    assert "alive" not in columns.features
    assert "maybe there is in no row of train.csv" in reasons(columns)["ignored"]


def test_options_go_before_guesses():
    train, test, sample = binary()
    train = train.assign(other=1.0)
    sample = sample.rename(columns={"alive": "prediction"})
    assert find((train, test, sample), target="alive").target == "alive"
    assert find((train, test.assign(key=test["id"]), sample), target="alive", identifier=("id",)).test_keys == ("id",)


def test_columns_of_the_sample_that_the_train_table_has_are_targets_each():
    train, test, sample = several("all")
    columns = find((train.assign(later=1), test, sample))
    assert (columns.several, columns.given) == (("tall", "height", "kind"),) * 2
    assert columns.features == ("light", "soil")
    assert reasons(columns)["target"] == "tall, height, kind (in sample.csv and train.csv; each is predicted)"
    assert reasons(columns)["left out"] == "later (not in test.csv)"


def test_columns_of_zeros_and_ones_are_targets_each_where_that_is_asked_for():
    train, test, sample = several("labels")
    frames = train.assign(wild=1 - train["tall"]), test, sample
    assert find(frames).one_hot == ("tall", "wild")
    assert find_columns(as_tables(*frames), NOTHING, apart=True).several == ("tall", "wild")


def test_several_targets_that_are_named_go_to_the_samples_columns_by_name_else_in_order():
    train, test, sample = several("values")
    named = sample.rename(columns={"height": "pred_height", "weight": "pred_weight"})
    columns = find((train, test, named), target=("weight", "height"))
    assert (columns.several, columns.given) == (("height", "weight"), ("pred_height", "pred_weight"))
    columns = find((train, test, sample.set_axis(["id", "a", "b"], axis=1)), target=("weight", "height"))
    assert (columns.several, columns.given) == (("weight", "height"), ("a", "b"))
    assert "a, b of the sample stand for them in this order" in reasons(columns)["target"]
    assert find((train, test), target=("weight", "height")).given == ("weight", "height")
    with pytest.raises(InputError, match="names 2 columns, height, weight, and the sample has 3"):
        find((train, test, sample.assign(more=0)), target=("height", "weight"))
    with pytest.raises(InputError, match="'height' 2 times"):
        find((train, test, sample), target=("height", "height"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda train, test, sample: (train, test, sample.assign(extra=1)), r"has the columns alive, extra beside"),
        (lambda train, test, sample: (train, test, sample[["id"]]), r"no column beside id"),
        (
            lambda train, test, sample: (train.assign(b=1), test, sample.rename(columns={"alive": "p"})),
            r"has 2 columns",
        ),
        (lambda train, test, sample: (train, test, sample.head(5).set_axis(["a", "b"], axis=1)), r"as many rows"),
        (
            lambda train, test, sample: (train[["id", "alive"]], test, sample),
            r"share no column to learn from",
        ),
    ],
)
def test_files_that_do_not_fit_are_refused_and_say_what_was_found(change, said):
    with pytest.raises(InputError, match=said):
        find(change(*binary()))


@pytest.mark.parametrize(
    ("wishes", "said"),
    [({"target": "aliev"}, "Did you mean 'alive'"), ({"identifier": ("idd",)}, "Did you mean 'id'")],
)
def test_names_that_no_column_has_are_refused(wishes, said):
    with pytest.raises(OptionError, match=said):
        find(binary(), **wishes)
