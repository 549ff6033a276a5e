"""Find the GPUs of this machine, without importing anything that would take hold of one."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Mapping

VISIBLE = "CUDA_VISIBLE_DEVICES"
SECONDS = 10.0
"""What asking the driver's tool may take."""


def find_gpus(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what to set CUDA_VISIBLE_DEVICES to for each GPU: those that the variable names, else all there are."""
    named = (os.environ if environment is None else environment).get(VISIBLE)
    if named is not None:
        return _named(named) if count_gpus() else ()
    return tuple(str(number) for number in range(count_gpus()))


def count_gpus() -> int:
    """Return how many NVIDIA GPUs the driver knows: asked of its library, else of its tool."""
    found = _ask_library()
    return _ask_tool() if found is None else found


def _named(names: str) -> tuple[str, ...]:
    """Return the devices of a list as CUDA reads it: the first one that is no device ends it."""
    found: list[str] = []
    for name in (part.strip() for part in names.split(",")):
        if not (name.isdigit() or name.startswith(("GPU-", "MIG-"))):
            break
        found.append(name)
    return tuple(dict.fromkeys(found))


def _ask_library() -> int | None:
    try:
        library = ctypes.CDLL("nvml.dll" if os.name == "nt" else "libnvidia-ml.so.1")
        count = ctypes.c_uint()
        if library.nvmlInit_v2() or library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
            return None
        library.nvmlShutdown()
    except (OSError, AttributeError):
        return None
    return int(count.value)


def _ask_tool() -> int:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return 0
    try:
        done = subprocess.run([tool, "-L"], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(line.startswith("GPU ") for line in done.stdout.splitlines()) if done.returncode == 0 else 0
