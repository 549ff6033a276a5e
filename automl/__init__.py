"""AutoML whose models are plugins: `AutoML(time_limit=60).fit(df, "target")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl.estimator import AutoML, AutoMLClassifier, AutoMLRegressor
    from automl.table.files.read_sentences import read_conll, spread_lists

__version__ = "0.1.0"
__all__ = ["AutoML", "AutoMLClassifier", "AutoMLRegressor", "__version__", "read_conll", "spread_lists"]


def __getattr__(name: str) -> Any:
    """Import estimators, and readers of tables, when they are first asked for, so that `import automl` stays cheap."""
    if name in ("read_conll", "spread_lists"):
        from automl.table.files import read_sentences

        return getattr(read_sentences, name)
    if name in ("AutoML", "AutoMLClassifier", "AutoMLRegressor"):
        from automl import estimator

        return getattr(estimator, name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
