"""GPUs are found without torch, and as the variable of the driver has them."""

import os
import stat

import pytest

from automl.machine import find_gpus as module
from automl.machine.find_gpus import find_gpus


@pytest.mark.parametrize(
    ("visible", "there", "wanted"),
    [
        (None, 0, ()),
        (None, 2, ("0", "1")),
        ("", 2, ()),
        ("-1", 2, ()),
        ("1", 2, ("1",)),
        ("1, 0,1", 2, ("1", "0")),
        ("0,-1,1", 2, ("0",)),
        ("GPU-8f3a,MIG-1", 2, ("GPU-8f3a", "MIG-1")),
        ("0", 0, ()),
    ],
)
def test_the_variable_chooses_among_those_that_are_there(monkeypatch, visible, there, wanted):
    monkeypatch.setattr(module, "count_gpus", lambda: there)
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert find_gpus(environment) == wanted


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the tool is a shell script")
def test_the_drivers_tool_is_asked_where_its_library_is_not_there(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'GPU 0: Something (UUID: GPU-1)'\necho 'GPU 1: Something (UUID: GPU-2)'\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "_ask_library", lambda: None)
    assert module.count_gpus() == 2
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert module.count_gpus() == 0
