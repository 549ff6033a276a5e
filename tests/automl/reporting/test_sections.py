"""The sections of a report: each of what there is to tell, in an order of their own."""

from dataclasses import replace

from automl.reporting.sections import sections
from automl.reporting.story import tell_story


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
    assert kept.texts[-1] == "0 is right."
    assert kept.figures
    assert not bare.notice
