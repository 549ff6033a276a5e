"""The story that a report and a card tell."""

from dataclasses import replace

from automl.reporting.story import tell_story


def test_what_makes_a_fit_unrepeatable_stands_under_its_validation_and_not_at_the_head(classifier):
    reason = "not repeatable to the last bit: the clock decides what is tried."
    fitted = classifier._fitted()
    timed = replace(fitted, notes=("resumed: 3 fits were taken over.", reason))
    story, plain = tell_story(timed, None, None), tell_story(fitted, None, None)
    assert story.notes == ("resumed: 3 fits were taken over.",)
    assert dict(story.validated)["Repeatable"] == "not to the last bit: the clock decides what is tried."
    assert dict(plain.validated)["Repeatable"] == "to the last bit"
