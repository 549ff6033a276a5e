"""From files to a submission, with the model that fits: what is written, recorded, blended and refused."""

import gzip
import hashlib
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from automl import AutoML, AutoMLClassifier
from automl.errors import InputError, OptionError
from tests.automl.testing import toy_tasks
from tests.competitions import binary, classes, numbers, several, write


def quick(**options):
    return AutoML(
        **{
            "time_limit": None,
            "max_trials": 2,
            "cv": 3,
            "n_jobs": 1,
            "verbose": 0,
            "models": ["baseline", "linear"],
            "executor": "in_process",
            **options,
        }
    )


@pytest.fixture(scope="module")
def competed(tmp_path_factory):
    """A run on files whose test rows have known answers: result, model, folder, frames, lines that were told."""
    folder = tmp_path_factory.mktemp("competition")
    frames = binary(sample=0.5)
    paths = write(folder, frames)
    lines = []
    model = quick()
    result = model.compete(*paths, folder / "submission.csv", tell=lines.append)
    return result, model, folder, frames, lines


def test_the_submission_has_the_samples_ids_and_columns_and_good_probabilities(competed):
    result, _, folder, (_, test, sample), _ = competed
    written = pd.read_csv(result.submission)
    assert written["id"].tolist() == sample["id"].tolist()
    assert list(written.columns) == ["id", "alive"]
    likely = test["light"] + (test["soil"] == "clay") > 0.5
    assert roc_auc_score(likely, written["alive"]) > 0.9
    assert "nothing missing" in result.checked
    assert not list(folder.glob("*.part"))


def test_every_guess_was_told_in_one_line_before_the_fit(competed):
    result, _, _, _, lines = competed
    assert lines == [guess.line for guess in result.guesses]
    assert not any("\n" in line for line in lines)
    assert "id: id (in sample.csv and test.csv)" in lines
    assert {"id", "target", "task", "submitted", "metric"} <= {guess.what for guess in result.guesses}


def test_the_models_never_see_the_id_and_the_test_table_was_looked_at(competed):
    model = competed[1]
    assert list(model.feature_names_in_) == ["light", "soil"]
    assert model.metric is None
    assert model.metric_ == "roc_auc"


def test_out_of_fold_predictions_give_the_score_that_is_promised(competed):
    result, model, _, (train, _, _), _ = competed
    oof = pd.read_csv(result.out_of_fold)
    assert list(oof.columns) == ["id", "fold", "prediction"]
    assert sorted(oof["fold"].unique()) == [0, 1, 2]
    assert oof["id"].tolist() == train["id"].tolist()
    assert roc_auc_score(train["alive"], oof["prediction"]) == pytest.approx(result.score)
    assert result.score == model.score_
    for number, fold in enumerate(model.outcome_.plan.folds):
        assert set(oof["fold"].to_numpy()[fold.valid]) == {number}


def test_the_record_holds_settings_versions_seed_score_and_hashes(competed):
    result, _, folder, _, _ = competed
    record = json.loads(result.record.read_text())
    assert record["seed"] == 0
    assert record["settings"]["max_trials"] == 2
    assert record["score"] == pytest.approx(result.score)
    assert record["interval"] == pytest.approx(result.interval)
    assert {"python", "numpy", "ensemble-automl"} <= set(record["versions"])
    assert record["read"]["train"]["sha256"] == hashlib.sha256((folder / "train.csv").read_bytes()).hexdigest()
    assert record["written_files"]["submission"]["sha256"] == hashlib.sha256(result.submission.read_bytes()).hexdigest()
    assert record["found"]["target"]["value"] == "alive"
    assert record["members"]


def test_the_model_predicts_and_is_saved_like_any_other(competed, tmp_path):
    result, model, _, (_, test, _), _ = competed
    model.save(tmp_path / "m.automl")
    again = AutoML.load(tmp_path / "m.automl").predict_proba(test)[:, 1]
    assert again == pytest.approx(pd.read_csv(result.submission)["alive"].to_numpy())


def test_frames_without_a_sample_give_a_submission_too(tmp_path):
    train, test, _ = numbers()
    result = quick().compete(train, test, output=tmp_path / "deep" / "s.csv", identifier="id", target="yield")
    assert list(pd.read_csv(result.submission).columns) == ["id", "yield"]
    assert json.loads(result.record.read_text())["read"]["train"] is None


def test_classes_have_a_column_each_in_every_file(tmp_path):
    result = quick(metric="log_loss").compete(*write(tmp_path, classes()), tmp_path / "s.csv")
    names = ["prediction_fern", "prediction_moss", "prediction_tree"]
    assert list(pd.read_csv(result.out_of_fold).columns) == ["id", "fold", *names]
    assert pd.read_csv(result.test_predictions)[names].sum(axis=1).to_numpy() == pytest.approx(1.0)


def test_rows_without_a_target_are_left_out_and_the_others_keep_their_ids(tmp_path):
    train, test, sample = binary(labels=("no", "yes"))
    train.loc[[0, 5], "alive"] = None
    with pytest.warns(UserWarning, match="2 of 90 rows have no value"):
        result = quick().compete(*write(tmp_path, (train, test, sample)), tmp_path / "s.csv")
    assert set(train["id"]) - set(pd.read_csv(result.out_of_fold)["id"]) == {1, 6}
    assert set(pd.read_csv(result.submission)["alive"]) <= {"no", "yes"}


def test_rows_without_an_id_in_the_train_table_are_numbered(tmp_path):
    train, test, sample = binary(sample=0.5)
    result = quick().compete(*write(tmp_path, (train.drop(columns="id"), test, sample)), tmp_path / "s.csv")
    assert pd.read_csv(result.out_of_fold)["row"].tolist() == list(range(90))


def test_files_of_other_encodings_separators_and_packings_give_the_same_submission(competed, tmp_path):
    result, _, _, frames, _ = competed
    paths = write(tmp_path, frames, sep=";", encoding="utf-16")
    (tmp_path / "train.csv.gz").write_bytes(gzip.compress(paths[0].read_bytes()))
    with zipfile.ZipFile(tmp_path / "test.csv.zip", "w") as archive:
        archive.write(paths[1], "test.csv")
    lines = []
    other = quick().compete(
        tmp_path / "train.csv.gz", tmp_path / "test.csv.zip", paths[2], tmp_path / "s.csv", tell=lines.append
    )
    assert "as utf-16, separated by semicolons" in lines[0]
    there = pd.read_csv(other.submission, sep=";")  # as the sample has it
    pd.testing.assert_frame_equal(there, pd.read_csv(result.submission))


def test_a_blend_takes_the_folds_of_the_earlier_run_and_gives_each_run_a_weight(competed, tmp_path):
    first, _, folder, _, _ = competed
    paths = [folder / f"{name}.csv" for name in ("train", "test", "sample")]
    second = quick(cv=None, models=["baseline", "lightgbm"], random_state=7)
    result = second.compete(*paths, tmp_path / "b.csv", blend=first.submission)
    assert [name for name, _, _ in result.blended] == [str(folder / "submission"), "this run"]
    folds = [pd.read_csv(each.out_of_fold)["fold"] for each in (first, result)]
    assert (pd.factorize(folds[0])[0] == pd.factorize(folds[1])[0]).all()
    assert json.loads(result.record.read_text())["blended"][0]["score"] == pytest.approx(first.score)
    alone = AutoML(None, max_trials=1, verbose=0).compete(
        *paths, tmp_path / "c.csv", blend=[first.submission, result.submission], fit=False
    )
    assert sum(weight for _, _, weight in alone.blended) == pytest.approx(1.0)


def test_labels_of_a_blend_are_decided_as_the_metric_likes_them(tmp_path):
    frames = binary(n_train=200)
    paths = write(tmp_path, frames)
    quick(metric="f1").compete(*paths, tmp_path / "a.csv")
    result = quick(metric="f1").compete(*paths, tmp_path / "b.csv", blend=tmp_path / "a.csv", fit=False)
    assert set(pd.read_csv(result.submission)["alive"]) <= {0, 1}
    assert result.metric == "f1"


def test_groups_and_time_go_into_the_folds(tmp_path):
    train, test, sample = binary(sample=0.5)
    train, test = train.assign(bed=np.arange(90) // 6, day=np.arange(90)), test.assign(day=np.arange(30) + 90)
    paths = write(tmp_path, (train, test, sample))
    grouped = pd.read_csv(quick().compete(*paths, tmp_path / "g.csv", groups="bed").out_of_fold)
    assert grouped.groupby(train["bed"])["fold"].nunique().max() == 1
    timed = quick().compete(*paths, tmp_path / "t.csv", time_column="day")
    oof = pd.read_csv(timed.out_of_fold)
    assert len(oof) < 90
    assert oof["fold"].is_monotonic_decreasing  # the newest first
    with pytest.raises(InputError, match="says time_column 'day'"):
        quick(cv=None).compete(*paths, tmp_path / "b.csv", blend=tmp_path / "t.csv")


def test_a_blend_keeps_within_the_ends_of_its_runs_in_order_of_time_too(tmp_path):
    train, test, sample = numbers(n_train=300)
    train, test = train.assign(day=np.arange(300)), test.assign(day=np.arange(30) + 300)
    paths = write(tmp_path, (train, test, sample))
    first = quick().compete(*paths, tmp_path / "a.csv", time_column="day")
    assert json.loads(first.record.read_text())["ends"] == [[0.0, None]]
    for name in ("b", "c"):
        for part in ("oof", "test"):
            table = pd.read_csv(tmp_path / f"a_{part}.csv")
            table["prediction"] -= table["prediction"].quantile(0.7 if name == "b" else 0.8)
            table.to_csv(tmp_path / f"{name}_{part}.csv", index=False)
    (tmp_path / "b_run.json").write_text(first.record.read_text())

    def joined(*names):
        runs = [tmp_path / f"{name}_oof.csv" for name in names]
        return quick().compete(*paths, tmp_path / "all.csv", time_column="day", blend=runs, fit=False)

    for names in ("bc", "c"):  # the second alone knows no ends: they are found in the table
        blend = joined(*names)
        assert json.loads(blend.record.read_text())["ends"] == [[0.0, None]]
        assert pd.read_csv(blend.test_predictions)["prediction"].min() == 0.0
        assert pd.read_csv(blend.submission)["yield"].min() == 0.0


def test_a_classifier_keeps_to_classes(tmp_path):
    train, test, sample = numbers()
    train["yield"] = np.arange(90) % 30
    model = AutoMLClassifier(None, max_trials=1, models=["baseline"], cv=2, executor="in_process", verbose=0)
    result = model.compete(train, test, sample, tmp_path / "s.csv")
    assert result.metric == "accuracy"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"groups": "bde"}, InputError, "Unknown column for groups 'bde'"),
        ({"time_column": "later"}, InputError, "Unknown column for time_column 'later'"),
        ({"fit": False}, OptionError, "nothing to do"),
        ({"output": "train.csv"}, OptionError, "written over a file that is read"),
        ({"form": "chances"}, OptionError, "Unknown form 'chances'"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_fit(tmp_path, monkeypatch, options, error, said):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, binary())
    monkeypatch.setattr("automl.fit_table.run_search", lambda *_: pytest.fail("it was fitted"))
    given = {"output": "s.csv", **options}
    with pytest.raises(error, match=said):
        quick().compete("train.csv", "test.csv", "sample.csv", **given)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sample.csv", "test.csv", "train.csv"]


def test_a_task_of_a_plugin_submits_labels_of_its_own_decision_and_shows_its_table(tmp_path):
    train, test, _ = classes()
    ranks = {"fern": 1, "moss": 2, "tree": 3}
    train["kind"] = train["kind"].map(ranks)
    model = quick(task="ranks", plugins=[toy_tasks], models=["linear"], max_trials=1, cv=2)
    sample = pd.DataFrame({"id": test["id"], "kind": 1})
    result = model.compete(train, test, sample, tmp_path / "sub.csv")
    kept = pd.read_csv(result.test_predictions)[[f"prediction_{rank}" for rank in (1, 2, 3)]].to_numpy()
    decided = model._fit.predictor.decided(kept).argmax(axis=1) + 1
    assert pd.read_csv(result.submission)["kind"].tolist() == decided.tolist() == model.predict(test).tolist()
    assert result.metric == "toy_distance"
    blended = quick(task="ranks", plugins=[toy_tasks]).compete(
        train, test, sample, tmp_path / "again.csv", blend=result.submission, fit=False
    )
    assert blended.score == pytest.approx(result.score, rel=0.5)
    (title, _, heads, rows), *more = model._fit.looked.facts["shown"]
    assert (title, heads, more) == ("Off", ["ranks", "rows"], [])
    assert sum(int(count) for _, count in rows) == len(train)


@pytest.mark.parametrize(("kind", "metric"), [("labels", "macro_roc_auc"), ("values", "mean_nrmse")])
def test_several_targets_are_predicted_in_one_run_and_two_runs_are_joined(kind, metric, tmp_path):
    frames = several(kind)
    paths = write(tmp_path, frames)
    names = list(frames[2].columns[1:])
    model = quick()
    first = model.compete(*paths, tmp_path / "a.csv")
    written = pd.read_csv(first.submission)
    assert list(written.columns) == ["id", *names]
    assert written["id"].tolist() == frames[2]["id"].tolist()
    assert np.corrcoef(written[names[0]], frames[1]["light"] + (frames[1]["soil"] == "clay"))[0, 1] > 0.5
    assert first.metric == metric
    record = json.loads(first.record.read_text())
    assert record["target"] == record["columns"]["target"] == names
    oof = pd.read_csv(first.out_of_fold)
    assert list(oof.columns) == ["id", "fold", *(f"prediction_{name}" for name in names)]
    again = quick(models=["lightgbm"], max_trials=1, cv=None).compete(
        *paths, tmp_path / "b.csv", blend=first.submission
    )
    assert [name for name, _, _ in again.blended] == [str(tmp_path / "a"), "this run"]
    with pytest.raises(InputError, match="says target"):
        quick(cv=None).compete(*paths[:2], None, tmp_path / "c.csv", target=names[0], blend=first.submission)


def test_rows_that_lack_one_of_several_targets_are_left_out_and_classes_are_written_as_they_stand_in_the_file(tmp_path):
    train, test, sample = several("all")
    train = train.assign(height=train["height"].where(train["id"] > 9), kind=train["kind"].replace("moss", "None"))
    paths = write(tmp_path, (train, test, sample.assign(kind="None")))
    with pytest.warns(UserWarning, match="9 of 90 rows have no value of one or more of the targets"):
        result = quick().compete(*paths, tmp_path / "s.csv")
    written = pd.read_csv(result.submission, keep_default_na=False)
    assert set(written["kind"]) <= {"fern", "None", "tree"}
    assert pd.read_csv(result.out_of_fold)["id"].tolist() == train["id"].tolist()[9:]


def test_words_are_predicted_by_their_sentences_and_a_test_table_without_those_is_refused_before_any_fit(tmp_path):
    sentences = [("we met Ann Lee in Oslo", "O O B-PER I-PER O B-LOC"), ("Bob left Rome", "B-PER O B-LOC")] * 12
    rows = [
        (number, word, tag)
        for number, (words, tags) in enumerate(sentences)
        for word, tag in zip(words.split(), tags.split(), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["sentence", "token", "tag"]).rename_axis("id").reset_index()
    train, test = table[table["sentence"] < 16], table[table["sentence"] >= 16].reset_index(drop=True)
    paths = write(tmp_path, (train, test.drop(columns="tag"), test[["id"]].assign(tag="O")))
    options = {"task": "token_classification", "models": ["linear"], "max_trials": 1}
    result = quick(**options).compete(*paths, tmp_path / "s.csv", groups="sentence")
    written = pd.read_csv(result.submission)
    assert written["id"].tolist() == test["id"].tolist()
    assert (written["tag"] == test["tag"]).mean() > 0.8
    starts = test["sentence"].ne(test["sentence"].shift()).to_numpy()
    assert not written["tag"][starts].str.startswith("I-").any()
    test.drop(columns=["tag", "sentence"]).to_csv(paths[1], index=False)
    with pytest.raises(InputError, match=r"test.csv has no column 'sentence'; expected it, as a token_classification"):
        quick(**options).compete(*paths, tmp_path / "t.csv", groups="sentence")
