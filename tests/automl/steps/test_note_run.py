"""What is in doubt about a file is a sentence among the notes of a search."""

from automl.steps.note_run import doubts_of
from automl.vocabulary.findings import Finding, Severity


def test_readings_of_a_file_that_are_in_doubt_are_told_and_nothing_else_is():
    doubt = Finding(Severity.WARNING, "file", "y", "3 cells are 'None'", "taken for a class")
    others = [Finding(Severity.NOTE, "file", "x", "a", "b"), Finding(Severity.WARNING, "leak", "x", "a", "b")]
    assert doubts_of([doubt, *others]) == ("y: 3 cells are 'None'; taken for a class.",)
