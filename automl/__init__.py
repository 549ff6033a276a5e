"""AutoML whose models are plugins: `AutoML(time_limit=60).fit(df, "target")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from automl.estimator import AutoML, AutoMLClassifier, AutoMLRegressor

__version__ = "0.1.0"
__all__ = ["AutoML", "AutoMLClassifier", "AutoMLRegressor", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the estimators when they are first asked for, so that `import automl` stays cheap."""
    if name in ("AutoML", "AutoMLClassifier", "AutoMLRegressor"):
        from automl import estimator

        return getattr(estimator, name)
    raise AttributeError(f"module 'automl' has no attribute {name!r}")
