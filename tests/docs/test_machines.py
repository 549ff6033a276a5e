"""The page on many machines, followed word by word on this one; only ports are others."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.plugins.fleets.clusters import LOOPBACK, Processes, free_port, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
PAGE = DOCS / "machines.md"


@pytest.fixture
def shell(quick_folder):
    """Runs lines of the page, in a folder with its tables, with this environment's commands."""
    pytest.importorskip("distributed")
    typed = Shell(str(free_port()))
    yield typed
    typed.processes.close()


class Shell:
    def __init__(self, port):
        self.processes, self.port = Processes(), port
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"}

    def run(self, line):
        line = line.replace("8786", self.port)
        done = subprocess.run(["bash", "-c", line], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, line):
        """Start `dask ...`, which goes on."""
        words = shlex.split(line.replace("8786", self.port))
        assert words[0] == "dask"
        variables = {name: each for name, each in self.environment.items() if name.startswith("DASK")}
        return self.processes.start("-m", *words, "--no-dashboard", **variables)


def lines_with(word):
    """Return the lines of the page's shell blocks that begin so."""
    return [line for block in blocks(PAGE, "bash") for line in block.splitlines() if line.startswith(word)]


def test_a_laptop_becomes_a_dask_cluster_and_searches_on_it(shell):
    local = [line for line in lines_with("") if LOOPBACK in line]
    scheduler, worker, *searches = local
    shell.start(scheduler)
    shell.start(worker)
    assert [line.split()[1] for line in searches] == ["machines", "fit"]
    listed = until(lambda: tried(shell, searches[0]))
    assert LOOPBACK in listed
    assert "1 machine, 2 slots" in listed
    shell.run(searches[1])
    assert Path("model.automl").exists()


def test_certificates_let_in_who_has_one_and_nobody_else(shell):
    for line in lines_with("openssl"):
        shell.run(line)
    flags = "--tls-ca-file authority.pem --tls-cert certificate.pem --tls-key key.pem"
    assert flags in PAGE.read_text(encoding="utf-8")
    shell.start(f"dask scheduler --host {LOOPBACK} --port 8786 --protocol tls {flags}")
    for line in lines_with("export DASK"):
        name, _, value = line.removeprefix("export ").partition("=")
        shell.environment[name] = value.replace("$PWD", os.getcwd())
    shell.start(f"dask worker tls://{LOOPBACK}:8786 --nworkers 1 --nthreads 2 {flags}")
    looks = f"automl machines dask:tls://{LOOPBACK}:8786"
    assert "2 slots" in until(lambda: tried(shell, looks))
    for name in [name for name in shell.environment if "TLS" in name or "ENCRYPTION" in name]:
        del shell.environment[name]
    with pytest.raises(AssertionError, match="agrees on no TLS connection"):
        shell.run(looks)
    with pytest.raises(AssertionError, match="no Dask scheduler that speaks plain TCP"):
        shell.run(looks.replace("tls:", "tcp:"))


def tried(shell, line):
    try:
        return shell.run(line)
    except AssertionError:
        return None
