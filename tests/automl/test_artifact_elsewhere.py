"""A saved predictor in other processes: where training-only packages are missing, and where it would do harm.

What was loaded must have written nothing and imported nothing; that can be told only from outside.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from automl.artifact import FORMAT, MANIFEST
from automl.storage.container import describe_files
from tests.saved.make_saved_model import FOLDER

SAVED = FOLDER / f"format_{FORMAT}.automl"
TRAINING_ONLY = ("loky", "psutil", "rich", "typer", "catboost", "xgboost", "torch")
LOAD = """
    import importlib.abc, json, sys
    from pathlib import Path

    blocked = set(json.loads(sys.argv[2]))

    class Missing(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in blocked:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    sys.meta_path.insert(0, Missing())
    from automl import AutoML

    model = AutoML.load(sys.argv[1])
    import pandas as pd

    rows = json.loads(Path(sys.argv[3]).read_text())["rows"]
    rows = pd.DataFrame(rows["data"], columns=rows["columns"], dtype=object)
    print(json.dumps({"found": model.predict_proba(rows).tolist(), "board": len(model.leaderboard())}))
"""


def load_elsewhere(path, blocked):
    """Load and predict in a new process that lacks some packages; return what it found."""
    answers = FOLDER / f"format_{FORMAT}.json"
    command = [sys.executable, "-c", dedent(LOAD), str(path), json.dumps(blocked), str(answers)]
    paths = os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_predicts_where_all_that_only_training_needs_is_missing():
    found = load_elsewhere(SAVED, TRAINING_ONLY)
    answers = json.loads((FOLDER / f"format_{FORMAT}.json").read_text())
    np.testing.assert_allclose(found["found"], answers["probabilities"], rtol=0, atol=1e-9)
    assert found["board"] > 0


class Writes:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return exec, (f"open({str(self.path)!r}, 'w').write('it ran')",)


def traps(mark):
    """Return files that would write `mark`, or lead out of where they lie, by name."""
    pickled = pickle.dumps(Writes(mark))
    return {
        "a part that is a pickle": {"combiner.pkl": pickled},
        "a pickle under the name of data": {"combiner.json": pickled},
        "a pickle beside the data": {"more.pkl": pickled},
        "a module beside the data": {"sitecustomize.py": f"open({str(mark)!r}, 'w')".encode()},
        "a way out": {"../../outside.txt": b"out"},
        "an absolute way out": {str(mark): b"out"},
        "a call by name": {
            "combiner.json": json.dumps(
                {
                    "part": "combiner",
                    "value": {"$": "object", "class": "builtins:exec", "state": f"open({str(mark)!r})"},
                }
            ).encode()
        },
    }


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """Load every trap in one process; return what was said."""
    folder = tmp_path_factory.mktemp("traps")
    mark = folder / "mark.txt"
    with zipfile.ZipFile(SAVED) as archive:
        honest = {name: archive.read(name) for name in archive.namelist()}
    paths = []
    for number, more in enumerate(traps(mark).values()):
        files = {name: data for name, data in {**honest, **more}.items() if name != MANIFEST}
        manifest = {**json.loads(honest[MANIFEST]), "files": describe_files(files)}
        path = folder / f"trap_{number}.automl"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in {MANIFEST: json.dumps(manifest).encode(), **files}.items():
                archive.writestr(name, data)
        paths.append(path)
    before = sorted(folder.iterdir())
    script = """
        import json, sys
        from automl import AutoML
        from automl.errors import ArtifactError

        said = []
        for path in sys.argv[1:]:
            try:
                AutoML.load(path)
                said.append("")
            except ArtifactError as error:
                said.append(str(error))
        print(json.dumps(said))
    """
    paths_env = os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each)
    done = subprocess.run(
        [sys.executable, "-c", dedent(script), *map(str, paths)],
        capture_output=True, text=True, check=False, cwd=folder, env={**os.environ, "PYTHONPATH": paths_env},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(folder.iterdir()) == before, "a trap has written a file"
    assert not (folder.parent.parent / "outside.txt").exists()
    return dict(zip(traps(mark), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("trap", traps(Path("mark")))
def test_a_trap_writes_nothing_and_is_refused(refused, trap):
    if trap == "a module beside the data":
        return  # it is data that nothing asks for; that it was not run is what the fixture has seen
    assert refused[trap]
