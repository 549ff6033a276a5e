"""The sections of a report: each of what there is to tell, in an order of their own."""

from dataclasses import replace

import pytest

from automl.errors import InputError
from automl.reporting.sections import sections
from automl.reporting.story import tell_story
from tests.conftest import quick
from tests.queries import queries
from tests.tables import binary_table, regression_table


def test_each_section_has_a_name_of_its_own_and_something_in_it(classifier):
    fitted = classifier._fitted()
    found = list(sections(tell_story(fitted, fitted.explained, None)))
    names = [each.id for each in found]
    assert len(set(names)) == len(names) >= 9
    assert all(each.texts or each.pairs or each.figures or each.tables or each.notice or each.beside for each in found)


def test_a_model_of_which_nothing_was_kept_is_told_of_without_its_predictions(classifier):
    fitted = replace(classifier._fitted(), looked=None, explained=None)
    found = list(sections(tell_story(fitted, None, None)))
    told = list(sections(tell_story(classifier._fitted(), None, None)))
    assert sum(len(each.figures) for each in found) < sum(len(each.figures) for each in told)


def test_the_tables_of_a_task_stand_beside_its_predictions(classifier):
    fitted = classifier._fitted()
    facts = {**fitted.looked.facts, "shown": [["Off", "0 is right.", ["ranks", "rows"], [["0", "12"]]]]}
    told = tell_story(replace(fitted, looked=replace(fitted.looked, facts=facts), calibrated=None), None, None)
    kept, bare = (
        next(each for each in sections(story) if each.id == "predictions")
        for story in (told, replace(told, review=None))
    )
    assert [[row.cells for row in table.rows] for table in (*kept.tables, *bare.tables)] == [[("0", "12")]] * 2
    assert [(table.about, [head.kind for head in table.heads]) for table in kept.tables] == [
        ("0 is right.", ["number", "number"])
    ]
    assert kept.figures
    assert not bare.notice


@pytest.fixture(scope="module")
def several():
    """A model of a label and a value."""
    table = binary_table(120).assign(spent=regression_table(120)["spent"])
    return quick(models=["linear"], max_trials=1, cv=2).fit(table, ["bought", "spent"])


@pytest.fixture(scope="module")
def ranking():
    return quick(task="ranking", models=["linear"], max_trials=1, cv=2).fit(queries(), "relevance", groups="query")


@pytest.fixture(scope="module")
def quantiles():
    options = {"task": "quantile", "quantiles": [0.1, 0.6], "models": ["linear"], "max_trials": 1, "cv": 2}
    return quick(**options).fit(regression_table(90), "spent")


def sections_of(model):
    fitted = model._fitted()
    return {each.id: each for each in sections(tell_story(fitted, None, None))}


@pytest.mark.parametrize(
    ("kind", "title"),
    [("classifier", "Predictions by class"), ("regressor", "Residuals"), ("quantiles", "Residuals"),
     ("several", "Predictions by target"), ("ranking", "Predictions")],
)  # fmt: skip
def test_predictions_are_called_what_they_are(kind, title, request):
    assert sections_of(request.getfixturevalue(kind))["predictions"].title == title


def test_of_quantiles_it_is_said_which_stands_for_a_value(quantiles, regressor):
    assert any("the quantile of the level 0.6" in text for text in sections_of(quantiles)["predictions"].texts)
    assert not any("quantile" in text for text in sections_of(regressor)["predictions"].texts[:1])


def test_a_ranking_has_no_slices_and_says_why_and_its_interval_is_of_whole_groups(ranking, regressor):
    found = sections_of(ranking)
    assert "which predictions of this form do not tell" in found["slices"].notice
    assert "which predictions of this form do not tell" in ranking.card()
    assert "bootstrap over whole groups of rows" in found["validation"].texts[0]
    assert "bootstrap over the rows" in sections_of(regressor)["validation"].texts[0]
    with pytest.raises(InputError, match="no such plot of a ranking model"):
        ranking.plot_residuals()


def test_plots_of_one_target_say_that_there_are_several(several):
    for plot in (several.plot_confusion, several.plot_residuals, several.plot_roc):
        with pytest.raises(InputError, match=r"several targets|of one target"):
            plot()
