"""Tables and a saved model that the tests of several commands look at."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from automl import AutoML
from tests.automl.cli.running import BY_COUNT, run


@pytest.fixture(scope="package", autouse=True)
def in_this_process():
    """Searches by count fit here: starting workers takes seconds, and `demo` does it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(AutoML.__init__.__kwdefaults__, "executor", "in_process")
        yield


@pytest.fixture(scope="package")
def tables(tmp_path_factory):
    """Paths of a training table, and of a test table without the target but with an identifier."""
    folder = tmp_path_factory.mktemp("tables")
    bunch = load_breast_cancer(as_frame=True)
    table = bunch.data.iloc[:, :5].assign(case=range(len(bunch.data)), ill=np.where(bunch.target == 0, "yes", "no"))
    table.iloc[:200].drop(columns="case").to_csv(folder / "train.csv", index=False)
    table.iloc[200:300].drop(columns="ill").to_parquet(folder / "test.parquet")
    return folder / "train.csv", folder / "test.parquet", table.iloc[200:300]


@pytest.fixture(scope="package")
def fitted(tables, tmp_path_factory, in_this_process):
    """The folder of a saved model, and what `automl fit` printed."""
    output = tmp_path_factory.mktemp("models") / "deep" / "model"
    printed = run("fit", tables[0], "--target", "ill", "-o", output, *BY_COUNT)
    return output, printed
