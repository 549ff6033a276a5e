"""What a saved predictor is, and that one that is not what was saved is refused with one message and runs nothing."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from automl import AutoML
from automl.artifact import FORMAT, MANIFEST, inspect_artifact
from automl.errors import ArtifactError
from automl.report import LEADERBOARD_COLUMNS
from automl.storage.container import describe_files
from tests.conftest import quick
from tests.saved.make_saved_model import FOLDER, read_rows
from tests.tables import binary_table, mixed_table

RUN: list[str] = []
LINEAR = "automl_builtins.models.linear"


class Bomb:
    """Says so when it is unpickled."""

    def __reduce__(self):
        return ran, ()


def ran():
    """Do what a file must never bring about."""
    RUN.append("it ran")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A saved model of several members as a folder, which no test changes."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    with zipfile.ZipFile(FOLDER / f"format_{FORMAT}.automl") as archive:
        archive.extractall(folder)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a saved folder but its manifest."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return {name: (folder / name).read_bytes() for name in names if name != MANIFEST}


def rewritten(saved: Path, tmp_path: Path, change, as_file=True, **facts) -> Path:
    """Return a copy of a saved model whose files were changed and whose manifest agrees with the change."""
    files = files_of(saved)
    change(files)
    manifest = {**json.loads((saved / MANIFEST).read_text()), "files": describe_files(files), **facts}
    place = tmp_path / "changed.automl"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: json.dumps(manifest).encode(), **files}.items():
            archive.writestr(name, data)
    return place


def refusal(path, **options) -> str:
    """Return the message of the refusal, having made sure that nothing ran."""
    RUN.clear()
    with pytest.raises(ArtifactError) as caught:
        AutoML.load(path, **options)
    assert RUN == []
    return str(caught.value)


# --- what is saved comes back


@pytest.mark.parametrize("name", ["model", "model.automl"])
@pytest.mark.parametrize("fitted", ["classifier", "regressor", "three_classes"])
def test_a_model_comes_back_from_a_folder_and_from_one_file(fitted, name, request, tmp_path):
    model, table = request.getfixturevalue(fitted), mixed_table(30, seed=9)
    loaded = AutoML.load(model.save(tmp_path / name))
    assert (tmp_path / name).is_file() == name.endswith(".automl")
    np.testing.assert_array_equal(loaded.predict(table), model.predict(table))
    np.testing.assert_array_equal(loaded.predictor_.predict_outputs(table), model.predictor_.predict_outputs(table))
    assert loaded.leaderboard().equals(model.leaderboard())
    assert loaded.leaderboard().dtypes.equals(model.leaderboard().dtypes)
    assert loaded.failures().drop(columns="traceback").equals(model.failures().drop(columns="traceback"))
    assert loaded.schema_summary_.equals(model.schema_summary_)
    assert (loaded.score_, loaded.interval_) == (model.score_, model.interval_)
    of_here = dict.fromkeys(("plugins", "executor"))
    assert {**loaded.get_params(), **of_here} == {**model.get_params(), **of_here}


def test_nothing_of_the_built_in_models_is_pickled_and_equal_models_are_equal_files(classifier, tmp_path):
    first, second = (classifier.save(tmp_path / name).read_bytes() for name in ("a.automl", "b.automl"))
    assert first == second
    manifest = inspect_artifact(tmp_path / "a.automl")
    assert manifest["pickled"] == {}
    assert all(name.endswith((".json", ".bin")) for name in manifest["files"])


def test_fold_models_that_shared_a_preparation_share_it_again(tmp_path):
    table = binary_table(80)[["age", "income", "bought"]]
    model = quick(models=["xgboost"], max_trials=1, cv=2, ensemble="none").fit(table, "bought")
    for each in (model, AutoML.load(model.save(tmp_path / "model.automl"))):
        first, second = each.predictor_.members[0].folds
        assert first.preparation is second.preparation
        assert first.learner is not second.learner


def test_the_manifest_says_who_holds_training_rows_and_what_is_needed(saved):
    manifest = inspect_artifact(saved)
    assert manifest["holds_training_rows"] == ["nearest_neighbors"]
    assert [member["model"] for member in manifest["members"]].count("nearest_neighbors") == 1
    assert manifest["plugins"]["nearest_neighbors"]["package"] == "ensemble-automl"
    assert manifest["settings"]["cv"] == 2
    assert manifest["versions"]["numpy"]


def test_the_saved_model_of_this_format_loads_and_predicts_what_it_did():
    answers = json.loads((FOLDER / f"format_{FORMAT}.json").read_text())
    path = FOLDER / f"format_{FORMAT}.automl"
    assert path.stat().st_size < 200_000
    found = AutoML.load(path).predict_proba(read_rows(answers["rows"]))
    np.testing.assert_allclose(found, answers["probabilities"], rtol=0, atol=1e-9)


def test_the_saved_model_of_this_format_is_told_of_though_later_versions_keep_more(tmp_path):
    model = AutoML.load(FOLDER / f"format_{FORMAT}.automl")
    assert list(model.leaderboard().columns) == list(LEADERBOARD_COLUMNS)
    assert "Leaderboard and ensemble" in model.report(tmp_path / "report.html").read_text()
    assert "lightgbm" in model.card()


def test_saving_replaces_a_saved_model_and_nothing_else(classifier, tmp_path):
    for name in ("model", "model.automl"):
        assert classifier.save(tmp_path / name) == classifier.save(tmp_path / name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("keep")
    (tmp_path / "notes.automl").write_text("keep")
    (tmp_path / "folder.automl").mkdir()
    (tmp_path / "file").write_text("keep")
    shutil.copy(tmp_path / "model.automl", tmp_path / "other")
    for name in ("notes", "notes.automl", "folder.automl", "file", "other"):
        with pytest.raises(ArtifactError, match="is no saved predictor"):
            classifier.save(tmp_path / name)
    assert (tmp_path / "notes" / "mine.txt").read_text() == (tmp_path / "notes.automl").read_text() == "keep"
    with pytest.raises(ArtifactError, match="cannot be written"):
        classifier.save(tmp_path / "file" / "model")
    left = {"model", "model.automl", "notes", "notes.automl", "folder.automl", "file", "other"}
    assert {each.name for each in tmp_path.iterdir()} == left


# --- what is not what was saved


def damage_file(folder: Path):
    place = next(folder.glob("members/*.bin"))
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)


def shorten_file(folder: Path):
    place = next(folder.glob("members/*.bin"))
    place.write_bytes(place.read_bytes()[:-10])


def swap_files(folder: Path):
    first, second = sorted(folder.glob("members/*.json"))[:2]
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def change_manifest(**facts):
    def change(folder: Path):
        manifest = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps({**manifest, **facts}))

    return change


def wrong_sha256(folder: Path):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"]["combiner.json"]["sha256"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest))


def link_to_elsewhere(folder: Path):
    (folder / "combiner.json").rename(folder.parent / "elsewhere.json")
    (folder / "combiner.json").symlink_to(folder.parent / "elsewhere.json")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_file, "differs from its manifest"),
        (shorten_file, "differs from its manifest"),
        (swap_files, "differs from its manifest"),
        (wrong_sha256, "differs from its manifest"),
        (lambda folder: (folder / "combiner.json").unlink(), r"missing ['combiner.json']"),
        (lambda folder: (folder / "more.txt").write_text("more"), r"not expected ['more.txt']"),
        (lambda folder: (folder / "predictor.pkl").write_bytes(pickle.dumps(Bomb())), "not expected ['predictor.pkl']"),
        (link_to_elsewhere, "is a link"),
        (change_manifest(format=FORMAT + 1), f"has the format {FORMAT + 1}; this version reads format {FORMAT}."),
        (change_manifest(kind="a cake recipe"), "describes something else"),
        (change_manifest(files=None), "describes something else"),
        (change_manifest(files={"combiner.json": "yes"}), "describes something else"),
        (lambda folder: (folder / MANIFEST).unlink(), "holds no manifest.json"),
        (lambda folder: (folder / MANIFEST).write_text('{"format": '), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text("[" * 100_000), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_bytes(b"\xff\xfe{}"), "cannot be read"),
        (lambda folder: (folder / MANIFEST).write_text("[]"), "holds a list"),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_refused(saved, tmp_path, damage, said):
    folder = tmp_path / "model"
    shutil.copytree(saved, folder)
    damage(folder)
    assert said in refusal(folder)


def test_a_model_of_format_1_is_refused_without_unpickling_it(tmp_path):
    content = pickle.dumps(Bomb())
    (tmp_path / "predictor.pkl").write_bytes(content)
    facts = {"format": 1, "files": {"predictor.pkl": "00"}, "versions": {"ensemble-automl": "0.0.9"}}
    (tmp_path / MANIFEST).write_text(json.dumps(facts))
    for trusted in (False, True):
        message = refusal(tmp_path, trusted=trusted)
        assert "has the format 1, which is pickled" in message
        assert "Fit and save the model anew; version 0.0.9" in message


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", pickle.dumps(Bomb()), b"price,rooms\n1,2\n", b"PK\x05\x06" + bytes(18)],
    ids=["empty", "begun", "pickle", "table", "empty zip"],
)
def test_a_file_that_is_something_else_is_refused(tmp_path, content):
    (tmp_path / "model.automl").write_bytes(content)
    message = refusal(tmp_path / "model.automl")
    assert "is no saved model" in message or "holds no manifest.json" in message


def test_a_path_without_anything_is_refused(tmp_path):
    assert "There is nothing at" in refusal(tmp_path / "model.automl")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(classifier, tmp_path, share):
    path = classifier.save(tmp_path / "model.automl")
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    assert "is no saved model, or a part of one" in refusal(path)


@pytest.mark.parametrize("at", np.linspace(0, 0.999, 23).tolist())
def test_a_file_with_one_changed_byte_is_refused_or_the_same(classifier, tmp_path, at):
    path = classifier.save(tmp_path / "model.automl")
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 0xFF
    path.write_bytes(data)
    try:
        loaded = AutoML.load(path)
    except ArtifactError:
        return
    np.testing.assert_array_equal(loaded.predict(mixed_table(5)), classifier.predict(mixed_table(5)))


# --- what somebody made up, with a manifest that agrees


def test_a_made_up_pickle_is_not_touched_without_trust(saved, tmp_path):
    def smuggle(files):
        del files["combiner.json"]
        files.pop("combiner.bin", None)
        files["combiner.pkl"] = pickle.dumps(Bomb())

    path = rewritten(saved, tmp_path, smuggle, pickled={})
    message = refusal(path)
    assert "holds pickled parts, whose loading can run any code: combiner.pkl" in message
    assert "trusted=True" in message
    with pytest.raises(ArtifactError, match="holds a NoneType; expected a Combiner"):
        AutoML.load(path, trusted=True)
    assert RUN == ["it ran"]  # that is what trust means


@pytest.mark.parametrize("name", ["../outside.json", "/tmp/outside.json", "a/../../b", "..\\b", "C:\\b", "a//b"])
def test_names_that_lead_out_of_the_file_are_refused(saved, tmp_path, name):
    path = rewritten(saved, tmp_path, lambda files: files.update({name: b"{}"}))
    assert "leads out of it" in refusal(path)
    assert [each.name for each in tmp_path.iterdir()] == ["changed.automl"]


def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked(saved, tmp_path):
    path = rewritten(saved, tmp_path, lambda files: files.update({"zeros.bin": bytes(70 * 2**20)}))
    assert path.stat().st_size < 2**20
    assert "would unpack to" in refusal(path)


def test_a_file_that_lies_about_its_size_is_refused(saved, tmp_path):
    path = rewritten(saved, tmp_path, lambda files: files.update({"zeros.bin": bytes(10_000_000)}))
    data = path.read_bytes().replace((10_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    path.write_bytes(data)
    message = refusal(path)
    assert "differs from its manifest" in message or "cannot be read" in message


def test_two_files_of_one_name_are_refused(saved, tmp_path):
    path = rewritten(saved, tmp_path, lambda files: None)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("combiner.json", b"{}")
    assert "two files of one name" in refusal(path)


def test_a_locked_or_linked_entry_is_refused(saved, tmp_path):
    path = rewritten(saved, tmp_path, lambda files: None)
    link = zipfile.ZipInfo("link.json")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is a link" in refusal(path)


def test_members_swapped_together_with_their_manifest_are_refused(saved, tmp_path):
    def swap(files):
        first, second = sorted(name for name in files if name.startswith("members/") and name.endswith(".json"))[:2]
        files[first], files[second] = files[second], files[first]

    assert "files have been swapped" in refusal(rewritten(saved, tmp_path, swap))


def in_combiner(value):
    def change(files):
        files["combiner.json"] = json.dumps({"part": "combiner", "value": value}).encode()

    return change


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"$": "object", "class": "subprocess:Popen", "state": {}}, "subprocess:Popen"),
        ({"$": "record", "class": "tests.automl.test_artifact:Bomb", "fields": {}}, "test_artifact:Bomb"),
        ({"$": "object", "class": "automl.cli:app", "state": {}}, "automl.cli:app"),
        ({"$": "object", "class": "automl.steps.trials.run_jobs:Executor", "state": {}}, "run_jobs:Executor"),
        ({"$": "object", "class": "sklearn.utils:os", "state": {}}, "sklearn.utils:os"),
        ({"$": "enum", "class": f"{LINEAR}:LinearLearner", "name": "x"}, "an enumeration"),
        ({"$": "object", "class": f"{LINEAR}:LinearLearner", "state": {}}, "expected a Combiner"),
        ({"$": "object", "class": f"{LINEAR}:LinearLearner", "state": {"__class__": 1}}, "Python's own"),
        ({"$": "compiled", "class": "builtins:eval", "state": "1"}, "KeyError"),
        ({"$": "call", "function": "os.system"}, "no form for"),
        ({"$": "ref", "id": 7}, "KeyError"),
        ({"$": "array", "dtype": "O", "shape": [1], "at": [0, 8]}, "plain numbers"),
        ({"$": "array", "dtype": "<f8", "shape": [1000], "at": [0, 8000]}, "bytes"),
    ],
)  # fmt: skip
def test_a_made_up_tree_is_refused(saved, tmp_path, value, said):
    message = refusal(rewritten(saved, tmp_path, in_combiner(value)))
    assert said in message
    assert "The part 'combiner'" in message


@pytest.mark.parametrize(
    "facts",
    [{"versions": []}, {"versions": None}, {"versions": {"": "1"}}, {"plugins": [1]}, {"plugins": {"x": 3}}],
    ids=str,
)
def test_a_manifest_of_nonsense_beside_a_bad_part_gives_the_one_error(saved, tmp_path, facts):
    assert "no form for" in refusal(rewritten(saved, tmp_path, in_combiner({"$": "nope"}), **facts))


def test_parts_that_do_not_fit_together_are_refused(saved, tmp_path):
    def change(files):
        files["predictor.json"] = json.dumps({"part": "predictor", "value": {"members": 3, "shared": []}}).encode()

    assert "do not fit together" in refusal(rewritten(saved, tmp_path, change))


def test_a_manifest_that_is_enormous_is_refused(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, bytes(65 * 2**20))
    (tmp_path / "model.automl").write_bytes(stream.getvalue())
    assert "holds no manifest.json" in refusal(tmp_path / "model.automl")
