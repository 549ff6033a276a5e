"""Keep: hands columns on as they are, to models that accept their kind."""

from __future__ import annotations

from automl.plugin_api import (
    Column,
    ColumnKind,
    Dataset,
    DefaultFor,
    Features,
    FitContext,
    PreprocessorSpec,
    PreprocessRequest,
    hookimpl,
)


class Keep:
    """Hands columns on unchanged."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        """Remember what the columns are."""
        self._columns = columns

    def fit_transform(self, data: Dataset, context: FitContext) -> Features:  # noqa: ARG002  the protocol names it
        """Return the columns."""
        return data.features

    def transform(self, features: Features) -> Features:
        """Return the columns."""
        return features

    def output_columns(self) -> tuple[Column, ...]:
        """Describe the columns, which are those that went in."""
        return self._columns


def build_keep(request: PreprocessRequest) -> Keep:
    """Build for the requested columns."""
    return Keep(request.columns)


KINDS = frozenset({ColumnKind.TEXT, ColumnKind.IMAGE, ColumnKind.SEQUENCE, ColumnKind.DATETIME})
KEEP = PreprocessorSpec(
    name="keep",
    build=build_keep,
    handles=KINDS,
    row_wise=True,
    default_for=(DefaultFor(KINDS, accepted=True),),
)


@hookimpl
def automl_preprocessors() -> list[PreprocessorSpec]:
    """Offer the preprocessor."""
    return [KEEP]
