"""The plugin in the README works as it stands there."""

import re
import types
from pathlib import Path

import pluggy

from automl.plugin_api import hookspecs
from automl.registry import GROUP, Registry

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_plugin_offers_its_model():
    module = types.ModuleType("automl_naive_bayes")
    exec(next(block for block in PYTHON_BLOCKS if "hookimpl" in block), vars(module))
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    registry = Registry(manager)
    registry.add("naive_bayes", module)
    assert registry.failures == []
    assert list(registry.models) == ["naive_bayes"]


def test_every_python_block_compiles():
    assert len(PYTHON_BLOCKS) >= 2
    for block in PYTHON_BLOCKS:
        compile(block, "README.md", "exec")


def test_every_linked_file_exists():
    for text in (TEXT, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (ROOT / target).exists(), f"{target} is linked and does not exist"
