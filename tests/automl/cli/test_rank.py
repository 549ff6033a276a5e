"""`automl rank` says what it cannot do: models that give no scores, and outputs that would overwrite what is read."""

from typer.testing import CliRunner

from automl.cli import app
from tests.conftest import quick
from tests.queries import queries


def test_a_model_that_gives_no_scores_is_refused(tmp_path):
    table = queries(n_queries=6).drop(columns="query")
    model = quick(models=["linear"], max_trials=1, cv=2, task="regression").fit(table, "relevance")
    path = model.save(tmp_path / "model.automl")
    table.to_csv(tmp_path / "table.csv", index=False)
    asked = ["rank", str(path), str(tmp_path / "table.csv"), "-o"]
    done = CliRunner().invoke(app, [*asked, str(tmp_path / "best.csv")])
    assert done.exit_code != 0
    assert "rank is for models of rankings; this is a regression" in str(done.exception or done.output)
    done = CliRunner().invoke(app, [*asked, str(tmp_path / "table.csv")])
    assert "would be written over what is read" in str(done.exception or done.output)
