"""Free memory: what this machine has left, or the control groups that this process lives in, whichever is less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MOUNT, MEMBERSHIP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
NO_LIMIT = 2.0**60
"""The first kind of control group says so with about this many bytes, the second with "max"."""


def free_memory_mb() -> float:
    """Return the memory that a search may come to use, in megabytes."""
    import psutil

    free = float(psutil.virtual_memory().available) / 2**20
    group = group_memory_mb()
    return free if group is None else min(free, group)


def group_memory_mb(mount: Path = MOUNT, membership: Path = MEMBERSHIP) -> float | None:
    """Return what the tightest control group around this process has left; None where none limits it.

    Both kinds are asked, version 1 and version 2, and every group from the process's own up to the top. Pages of files
    that were read and can be dropped count as free.
    """
    left = [each for each in (_left(group) for group in _groups(mount, membership)) if each is not None]
    return min(left) / 2**20 if left else None


def _groups(mount: Path, membership: Path) -> Iterator[Path]:
    """Yield the folders of the groups; inside a container the process's own is the top, whatever its path says."""
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        lines = []
    for line in ("0::/", "0:memory:/", *lines):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            tops = [mount, mount / "unified"]
        elif "memory" in controllers.split(","):
            tops = [mount / "memory"]
        else:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        yield from (top / each for top in tops for each in (inner, *inner.parents) if ".." not in each.parts)


def _left(group: Path) -> float | None:
    for limit, used, droppable in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most = (group / limit).read_text().strip()
            if most == "max" or float(most) >= NO_LIMIT:
                continue
            return max(0.0, float(most) - float((group / used).read_text()) + _statistic(group, droppable))
        except (OSError, ValueError):  # no such group, or of the other kind
            continue
    return None


def _statistic(group: Path, name: str) -> float:
    try:
        pairs = (line.split() for line in (group / "memory.stat").read_text().splitlines())
        return next((float(value) for key, value in pairs if key == name), 0.0)
    except (OSError, ValueError):
        return 0.0
