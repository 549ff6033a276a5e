"""What is in doubt about a file, and what cannot be repeated for those who asked for that, are among the notes."""

import pytest

from automl.steps.review.note_run import breaks_repeatability, doubts_of, note_lost, note_run
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.results import Failure
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Ended, Refusal, Stage

NO_ROOM = Failure("svm", Stage.CHOOSE, "needs 9 MB, and 3 MB are left", refusal=Refusal.MEMORY)


@pytest.mark.parametrize(
    ("settings", "failures", "is_told"),
    [
        (SearchSettings(time_limit=60), (), False),
        (SearchSettings(time_limit=60, seeded=True), (), True),
        (SearchSettings(time_limit=None, max_trials=3), (), False),
        (SearchSettings(time_limit=None, max_trials=3), (NO_ROOM,), True),
    ],
)
def test_it_is_told_where_a_seed_or_an_end_by_count_asked_for_it(settings, failures, is_told):
    told = [note for note in note_run(settings, Ended.COUNT, failures, None) if note.startswith("not repeatable")]
    assert bool(told) is is_told
    assert bool(breaks_repeatability(settings, Ended.COUNT, failures)) is (is_told or settings.time_limit is not None)


def test_readings_of_a_file_that_are_in_doubt_are_told_and_nothing_else_is():
    doubt = Finding(Severity.WARNING, "file", "y", "3 cells are 'None'", "taken for a class")
    others = [Finding(Severity.NOTE, "file", "x", "a", "b"), Finding(Severity.WARNING, "leak", "x", "a", "b")]
    assert doubts_of([doubt, *others]) == ("y: 3 cells are 'None'; taken for a class.",)


def test_fits_that_were_lost_with_machines_are_counted():
    assert note_lost({}) == ()
    (told,) = note_lost({"h2": 3, "h1": 1})
    assert told == "machines: 4 fits were lost with a machine and handed out again: h1 (1), h2 (3)."
