"""A member of the ensemble predicts with the fold models that were dealt to it."""

from automl.fitted.member import Member

FOLDS = ("first", "second", "third")


def member(**given_):
    return Member("id", "linear", {}, 0.5, 0, FOLDS, **given_)


def test_all_fold_models_predict_unless_some_are_dealt():
    assert member().predicting == FOLDS
    assert member(dealt=(2, 0)).predicting == ("third", "first")
    assert member(dealt=()).predicting == ()


def test_a_model_of_all_rows_predicts_and_is_none_of_the_folds():
    assert member().fold_models == FOLDS
    assert member(refitted=True).fold_models == ("first", "second")
    assert member(refitted=True).predicting == FOLDS
