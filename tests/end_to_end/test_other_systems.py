"""Where the calls are missing that only Linux, or only POSIX, has: the search runs, its model predicts and is kept.

The calls are taken away from this process and its workers; Windows and macOS themselves are not to be had here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TAKEN_AWAY = """
import os, pathlib, signal, sys
for name in ("getuid", "geteuid", "getgid", "fork", "register_at_fork", "sched_getaffinity", "getpgid", "setsid",
             "killpg", "getloadavg", "nice"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("pthread_sigmask", "pthread_kill", "SIGALRM", "setitimer", "alarm", "sigwait", "SIGUSR1"):
    if hasattr(signal, name):
        delattr(signal, name)

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "pwd", "grp", "termios"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.modules.pop("fcntl", None)
sys.meta_path.insert(0, Missing())
read_text = pathlib.Path.read_text

def without_proc(self, *args, **kwargs):
    if str(self).startswith(("/proc", "/sys")):
        raise FileNotFoundError(str(self))
    return read_text(self, *args, **kwargs)

pathlib.Path.read_text = without_proc
"""
SCRIPT = """
import json, os, signal, sys
from automl import AutoML
from tests.tables import binary_table

if __name__ == "__main__":
    assert not hasattr(os, "getuid") and not hasattr(signal, "pthread_sigmask")
    table = binary_table(80)
    options = {"cv": 2, "n_jobs": 1, "verbose": 0, "models": ["linear"], "executor": sys.argv[1]}
    model = AutoML(None, max_trials=1, path="run", **options).fit(table, "bought")
    again = AutoML.load(model.save("m.automl"))
    same = again.predict(table).tolist() == model.predict(table).tolist()
    print(json.dumps([same, list(model.failures()["cause"]), len(model.leaderboard()), list(model.notes_)]))
"""


@pytest.mark.parametrize("executor", ["in_process", "process_slots"])
def test_a_search_needs_no_call_that_only_some_systems_have(tmp_path, executor):
    (tmp_path / "sitecustomize.py").write_text(TAKEN_AWAY)
    (tmp_path / "script.py").write_text(SCRIPT)
    paths = os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "plugins")])
    done = subprocess.run(
        [sys.executable, "script.py", executor], capture_output=True, text=True, cwd=tmp_path, timeout=120,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [True, [], 1, []]
