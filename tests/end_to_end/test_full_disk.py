"""Small and read-only disks, real ones: what cannot be kept costs its trial, and what cannot be begun is one error."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEARCH = """
import json, sys
from automl import AutoML
from automl.errors import AutoMLError
from tests.tables import binary_table

table = binary_table(3000)
settings = {"models": ["linear", "extra_trees"], "cv": 2, "verbose": 0, "executor": "in_process"}
model = AutoML(None, max_trials=3, path=sys.argv[1], **settings)
try:
    model.fit(table, "bought")
    whole = [list(model.failures()["stage"]), list(model.failures()["cause"]), len(model.predict(table))]
    print(json.dumps(whole))
except AutoMLError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


def may_mount():
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt"]
    return (
        shutil.which("unshare") is not None and subprocess.run(tried, capture_output=True, check=False).returncode == 0
    )


pytestmark = pytest.mark.skipif(not may_mount(), reason="a disk of one's own cannot be mounted here")


def search_on(disk, options):
    """Return what a search in a folder of a new disk tells; the disk is seen by that process alone."""
    command = f"mount -t tmpfs -o {options} tmpfs {disk} && exec {sys.executable} -c '{SEARCH}' {disk}/run"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("options", ["size=64k", "ro"], ids=["too small for the table", "read only"])
def test_a_disk_that_cannot_hold_the_table_is_one_clear_error(tmp_path, options):
    kind, said = search_on(tmp_path, options)
    assert kind == "FolderError"
    assert "cannot be used" in said
    assert "choose another place by path=" in said


def test_models_that_find_no_room_cost_their_trials_and_a_predictor_is_there(tmp_path):
    stages, causes, n_predicted = search_on(tmp_path, "size=1m")
    assert "save" in stages
    assert any("No space left on device" in cause for cause in causes)
    assert n_predicted == 3000
