"""Kaggle's program is called as its manual says, and what it says of trouble is passed on; a fake one stands in."""

import json
import sys
import zipfile

import pytest

from automl.competition import kaggle
from automl.errors import InputError, OptionError
from tests.competitions import binary, write

FAKE = """#!{python}
import json, pathlib, shutil, sys
here = pathlib.Path(__file__).parent
with (here / "calls.json").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
if (here / "refuses").exists():
    print((here / "refuses").read_text(), file=sys.stderr)
    sys.exit(1)
given = dict(zip(sys.argv[3::2], sys.argv[4::2]))
if sys.argv[1:3] == ["competitions", "download"]:
    shutil.copy(here / "files.zip", pathlib.Path(given["-p"]) / (given["-c"] + ".zip"))
elif sys.argv[1:3] == ["competitions", "submit"]:
    assert pathlib.Path(given["-f"]).is_file() and given["-m"]
    print("100%|####| 1.0k/1.0k")
    print("Successfully submitted to " + given["-c"])
else:
    sys.exit(2)
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The folder of a program `kaggle` on the path, that keeps its calls; with `refuses` there it fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kaggle").write_text(FAKE.format(python=sys.executable))
    (folder / "kaggle").chmod(0o755)
    (tmp_path / "made").mkdir()
    paths = write(tmp_path / "made", binary())
    with zipfile.ZipFile(folder / "files.zip", "w") as archive:
        for path, name in zip(paths, ("train.csv", "test.csv", "sample_submission.csv"), strict=True):
            archive.write(path, name)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def calls(folder):
    return [json.loads(line) for line in (folder / "calls.json").read_text().splitlines()]


def test_a_download_is_unpacked_once(program, tmp_path):
    folder = tmp_path / "plants"
    assert kaggle.download("plants", folder)
    assert sorted(path.name for path in folder.iterdir()) == ["sample_submission.csv", "test.csv", "train.csv"]
    assert calls(program) == [["competitions", "download", "-c", "plants", "-p", str(folder)]]
    assert not kaggle.download("plants", folder)
    assert len(calls(program)) == 1


def test_a_submission_is_sent_with_its_message(program, tmp_path):
    (tmp_path / "s.csv").write_text("id,alive\n1,0\n")
    said = kaggle.submit("plants", tmp_path / "s.csv", "first try")
    assert said.endswith("Successfully submitted to plants")
    assert calls(program)[0] == [
        "competitions",
        "submit",
        "-c",
        "plants",
        "-f",
        str(tmp_path / "s.csv"),
        "-m",
        "first try",
    ]


def test_what_the_program_says_of_trouble_is_passed_on_with_what_to_do(program, tmp_path):
    (program / "refuses").write_text("403 - Forbidden - you must accept this competition's rules")
    with pytest.raises(InputError, match=r"kaggle says: 403 - Forbidden .* token: on kaggle.com"):
        kaggle.download("plants", tmp_path / "plants")


def test_without_the_program_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(OptionError, match=r"Run: pip install kaggle\. .* browser"):
        kaggle.submit("plants", tmp_path / "s.csv", "m")


def test_a_damaged_download_is_named(program, tmp_path):
    (program / "files.zip").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(InputError, match="cannot be unpacked"):
        kaggle.download("plants", tmp_path / "plants")
