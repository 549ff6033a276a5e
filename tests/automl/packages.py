"""Real little plugin packages: a module and the metadata by which an installer would announce it."""

from textwrap import dedent

HEADER = "from automl.plugin_api import *\n"


def write_package(folder, name, source, *, entry=None, version="0.1"):
    """Write `name.py` and its dist-info into `folder`, which is to be on `sys.path`."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(HEADER + dedent(source))
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[automl]\n{entry or name} = {name}\n")
    return folder


FINE_MODEL = """
    import numpy as np

    class Nearest:
        def __init__(self, request):
            self.task = request.task

        def fit(self, train, valid, context):
            values = np.nan_to_num(train.features.to_numpy())
            targets = np.eye(self.task.n_outputs)[train.target]
            self.means = np.array([values[train.target == k].mean(axis=0) for k in range(self.task.n_outputs)])
            self.scale = values.std(axis=0) + 1e-9

        def predict(self, features):
            values = np.nan_to_num(features.to_numpy())
            distances = (((values[:, None, :] - self.means[None]) / self.scale) ** 2).mean(axis=2)
            shares = np.exp(-distances) + 1e-9
            return shares / shares.sum(axis=1, keepdims=True)

    @hookimpl
    def automl_models():
        return [ModelSpec("class_means", Nearest, tasks=CLASSIFICATION, scaling="standard")]
"""
