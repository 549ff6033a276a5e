"""The story that a report and a card tell."""

from dataclasses import replace

from automl.reporting.story import tell_story
from automl.steps.review.note_run import note_unrepeatable


def test_what_makes_a_fit_unrepeatable_stands_under_its_validation_and_not_at_the_head(classifier):
    fitted, breaks = classifier._fitted(), ("the clock decides what is tried",)
    looked = replace(fitted.looked, facts={**fitted.looked.facts, "unrepeatable": breaks})
    timed = replace(fitted, notes=("resumed: 3 fits were taken over.", note_unrepeatable(breaks)), looked=looked)
    story, plain = tell_story(timed, None, None), tell_story(fitted, None, None)
    assert story.notes == ("resumed: 3 fits were taken over.",)
    assert dict(story.validated)["Repeatable"] == "not to the last bit: the clock decides what is tried."
    assert dict(plain.validated)["Repeatable"] == "to the last bit"
