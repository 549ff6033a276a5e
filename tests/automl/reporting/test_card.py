"""The model card, what notebooks show, and both on the command line."""

from dataclasses import replace

from typer.testing import CliRunner

from automl import AutoML
from automl.cli import app
from automl.reporting.story import tell_story


def test_the_card_tells_what_for_how_good_and_how_that_is_known(classifier, tmp_path):
    text = classifier.card(tmp_path / "card.md")
    assert (tmp_path / "card.md").read_text(encoding="utf-8") == text
    for each in (
        "# Model card: bought",
        "## What it is for",
        "## How good it is",
        f"{classifier.score_:.5g}",
        "3-fold",
    ):
        assert each in text


def test_the_command_line_writes_reports_and_cards_of_saved_models(classifier, tmp_path):
    classifier.save(tmp_path / "model.automl")
    run = CliRunner().invoke
    done = run(app, ["report", str(tmp_path / "model.automl"), "-o", str(tmp_path / "it.html")], catch_exceptions=False)
    assert done.exit_code == 0
    assert "<title>bought" in (tmp_path / "it.html").read_text(encoding="utf-8")
    assert run(app, ["card", str(tmp_path / "model.automl")]).output.startswith("# Model card: bought")
    refused = run(app, ["report", str(tmp_path / "model.automl"), "-o", str(tmp_path / "it.pdf")])
    assert refused.exit_code != 0


def test_a_notebook_shows_score_members_and_notes_of_a_fitted_model(classifier):
    shown = classifier._repr_html_()
    assert f"{classifier.score_:.5g}" in shown
    assert "Members of the ensemble" in shown
    assert "<table" in classifier.predictor_._repr_html_()


def test_a_notebook_shows_the_options_that_were_changed_of_an_unfitted_one():
    shown = AutoML(60, metric="f1")._repr_html_()
    assert "not fitted" in shown
    assert "f1" in shown
    assert "n_jobs" not in shown


def test_what_makes_a_fit_unrepeatable_stands_under_its_validation_and_not_at_the_head(classifier):
    reason = "not repeatable to the last bit: the clock decides what is tried."
    fitted = classifier._fitted()
    timed = replace(fitted, notes=("resumed: 3 fits were taken over.", reason))
    story, plain = tell_story(timed, None, None), tell_story(fitted, None, None)
    assert story.notes == ("resumed: 3 fits were taken over.",)
    assert dict(story.validated)["Repeatable"] == "not to the last bit: the clock decides what is tried."
    assert dict(plain.validated)["Repeatable"] == "to the last bit"
