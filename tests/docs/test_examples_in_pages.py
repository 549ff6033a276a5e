"""Every example in the README and in the documentation runs, page by page, as it stands there."""

import shlex
import sys
import types

import pytest
from typer.testing import CliRunner

from automl.cli import app
from automl.plugin_api import ModelSpec
from automl.testing import model_checks
from tests.docs.pages import DOCS, PAGES, ROOT, blocks, commands

OWN_TESTS = ("competitions", "ecosystem", "machines")
"""Pages with files of their own, run by a test of their own."""
WITH_CODE = [page for page in PAGES if page.stem not in OWN_TESTS and (blocks(page, "python") or commands(page))]
NOT_RUN = ("demo", "check-plugin")
"""Commands that need a minute, or a package that is not installed here; both have tests of their own."""
ELSEWHERE = (
    "check_import_is_light", "check_revived_in_fresh_process", "check_gpu_equals_cpu", "check_thread_count_is_honoured",
)  # fmt: skip
"""Checks in processes of their own, which cannot import a page, or that take seconds because of torch."""


def check_nothing_broke(model):
    """Refuse an example in which a plugin or a model raised, which a search passes over."""
    if hasattr(model, "predictor_"):
        assert [cause for cause, trace in model.failures()[["cause", "traceback"]].values if trace] == []


def check_contract(spec):
    """Hold a model that a page shows against the contract."""
    for name, check in model_checks(spec):
        if name not in ELSEWHERE:
            check()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page, quick_folder, monkeypatch):
    module = types.ModuleType(f"page_{page.stem.lower().replace('-', '_')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for number, block in enumerate(blocks(page, "python"), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), vars(module))
        check_nothing_broke(vars(module).get("model"))
    for command in commands(page):
        if command.split()[0] in NOT_RUN:
            continue
        done = CliRunner().invoke(app, shlex.split(command), catch_exceptions=False)
        assert done.exit_code == 0, f"automl {command}: {done.output}"


def test_the_models_that_are_shown_keep_the_contract(monkeypatch):
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    plugin, *_, learner = [block for block in blocks(DOCS / "write-a-plugin.md", "python") if "ModelSpec(" in block]
    for block in (plugin, learner):
        exec(block, vars(module))
    specs = [each for each in vars(module).values() if isinstance(each, ModelSpec)]
    assert [spec.name for spec in specs] == ["naive_bayes", "nearest_mean"]
    for spec in specs:
        check_contract(spec)


def test_the_plugin_in_the_readme_is_that_of_the_guide():
    assert set(blocks(ROOT / "README.md", "python")) & set(blocks(DOCS / "write-a-plugin.md", "python"))


def test_there_are_examples_to_run():
    assert {"README", "start", "validation", "deployment", "write-a-plugin", "write-a-task"} <= {
        page.stem for page in WITH_CODE
    }
