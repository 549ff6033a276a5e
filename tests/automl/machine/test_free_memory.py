"""Free memory under control groups of both kinds, as containers and services set them."""

import pytest

from automl.machine.free_memory import free_memory_mb, group_memory_mb

MB = 2**20


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (folder / name.replace("__", ".")).write_text(f"{value}\n")


def second(folder, limit, used, droppable=0):
    stat = f"anon {used}\ninactive_file {droppable}\nactive_file 5"
    group(folder, memory__max=limit, memory__current=used, memory__stat=stat)


def first(folder, limit, used, droppable=0):
    stat = f"inactive_file 1\ntotal_inactive_file {droppable}"
    group(folder, memory__limit_in_bytes=limit, memory__usage_in_bytes=used, memory__stat=stat)


@pytest.fixture
def system(tmp_path):
    def free(membership):
        (tmp_path / "cgroup").write_text(membership)
        return group_memory_mb(tmp_path / "fs", tmp_path / "cgroup")

    free.fs = tmp_path / "fs"
    return free


def test_without_control_groups_nothing_limits(system):
    assert system("") is None
    assert group_memory_mb(system.fs / "none", system.fs / "neither") is None


def test_a_container_sees_its_own_group_of_the_second_kind_at_the_top(system):
    second(system.fs, 1000 * MB, 400 * MB)
    assert system("0::/") == 600
    assert system("0::/docker/0123456789") == 600


def test_the_tightest_group_on_the_way_up_counts(system):
    second(system.fs / "user.slice", 800 * MB, 700 * MB)
    second(system.fs / "user.slice/job.scope", "max", 50 * MB)
    assert system("0::/user.slice/job.scope") == 100
    second(system.fs / "user.slice/job.scope", 60 * MB, 50 * MB)
    assert system("0::/user.slice/job.scope") == 10


def test_groups_of_the_first_kind_count_too_and_their_largest_number_means_no_limit(system):
    first(system.fs / "memory", 9223372036854771712, 400 * MB)
    assert system("4:memory:/\n0::/") is None
    first(system.fs / "memory/docker/abc", 500 * MB, 200 * MB)
    assert system("5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/") == 300


def test_pages_of_files_that_can_be_dropped_are_free(system):
    second(system.fs, 1000 * MB, 900 * MB, droppable=500 * MB)
    assert system("0::/") == 600
    first(system.fs / "memory/a", 300 * MB, 290 * MB, droppable=40 * MB)
    assert system("4:memory:/a\n0::/") == 50


def test_a_group_that_is_over_its_limit_has_nothing_left(system):
    second(system.fs, 100 * MB, 120 * MB)
    assert system("0::/") == 0


def test_something_is_free_here():
    assert free_memory_mb() > 0
