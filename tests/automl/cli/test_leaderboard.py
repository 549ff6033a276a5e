"""`automl leaderboard`: candidates of a saved model, and what did not run."""

from tests.automl.cli.running import BY_COUNT, run


def test_leaderboard_shows_a_saved_models_candidates(fitted):
    assert "linear" in run("leaderboard", fitted[0])


def test_leaderboard_as_csv_has_every_column(fitted):
    printed = run("leaderboard", fitted[0], "--csv")
    assert {"model", "score", "weight", "params"} <= set(printed.splitlines()[0].split(","))


def test_what_did_not_run_is_counted_and_leaderboard_gives_each_reason(tables, tmp_path):
    place, short = tmp_path / "few.automl", ("--predict-time-limit", "1e-12")
    printed = run("fit", tables[0], "--target", "ill", "-o", place, *BY_COUNT, *short)
    command = f"automl leaderboard {place} --failures"
    assert f"not run (1 x): linear; why: {command}" in printed.splitlines()
    assert "predict_time_limit allows" in " ".join(run(*command.split()[1:]).split())
    assert "traceback" in run(*command.split()[1:], "--csv").splitlines()[0].split(",")
