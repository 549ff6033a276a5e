"""Has CatBoost imported without polars, which it wants for tables of polars alone: for the process that workers are of.

No model is handed such a table, and polars would take 30 MB beside it.
"""

from __future__ import annotations

from automl_builtins.models._shared.light_import import import_without

import_without("catboost", "polars")
