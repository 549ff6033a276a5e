"""Who may import whom, and what stays unimported until it is needed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = (
    "sklearn", "torch", "transformers", "lightgbm", "xgboost", "catboost", "matplotlib", "pandas", "scipy", "pyarrow",
    "rich", "typer", "mlflow", "tensorboard",
)  # fmt: skip
PLUGIN_MODULES = sorted(
    ".".join(path.relative_to(ROOT / "plugins").with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "plugins" / "automl_builtins").rglob("*.py")
)


def imported_by(statement, names):
    """Return which of the top-level names a fresh process has imported after the statement."""
    code = f"{statement}\nimport sys\nprint(*sorted({set(names)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_layers_are_read_downwards_only():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "lint-imports is not installed beside this Python"
    done = subprocess.run([command, "--no-cache"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_package_imports_nothing_heavy():
    assert imported_by("import automl", (*HEAVY, "numpy")) == []


def test_importing_the_plugin_contract_imports_nothing_heavier_than_numpy():
    assert imported_by("import automl.plugin_api", HEAVY) == []


def test_importing_the_command_line_imports_no_library_for_data():
    heavy = [name for name in HEAVY if name not in ("typer", "rich")]
    assert imported_by("import automl.cli", (*heavy, "numpy", "pluggy")) == []


def test_importing_every_plugin_module_imports_nothing_heavier_than_numpy():
    found = imported_by("\n".join(f"import {name}" for name in PLUGIN_MODULES), HEAVY)
    if found:  # find the module, for a message that helps
        guilty = {name: imported_by(f"import {name}", HEAVY) for name in PLUGIN_MODULES}
        pytest.fail(f"Heavy imports at the top of { ({name: what for name, what in guilty.items() if what}) }")


def test_importing_the_predictor_imports_nothing_of_a_search():
    statement = """
import automl.predictor, sys
found = [name for name in sys.modules if name == "automl.search" or name.startswith("automl.steps")]
assert not found, found
"""
    assert imported_by(statement, ("lightgbm", "torch")) == []


def test_estimating_the_cost_of_a_fit_imports_none_of_the_libraries_that_fit():
    """The search asks for it in its own process, which keeps the clock and hands out the work of all others."""
    statement = """
from automl.plugin_api import FitSize, Task, TaskKind
from automl.registry import discover
from automl.steps.plan.offer_weights import offer_weights
registry = discover(())
models, _ = offer_weights(registry.models, registry.pretrained.values())
for spec in models.values():
    for params in spec.defaults:
        size = FitSize(1_000, 10, Task(TaskKind.BINARY, "y", (0, 1)), params, words=20.0)
        for asked in filter(None, (spec.resources, spec.limits)):
            asked(size)
"""
    assert imported_by(statement, ("torch", "transformers", "tokenizers", "lightgbm", "xgboost", "catboost")) == []
