"""Find defaults: which preprocessor is taken for a column where neither a model nor a candidate names one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from automl.plugin_api.specs import DefaultFor, ModelSpec, PreprocessorSpec
from automl.vocabulary.schema import Column, ColumnKind
from automl.vocabulary.task import TaskKind


@dataclass(frozen=True, slots=True)
class Situation:
    """The model that features are made for, and what there is to make them with.

    growing: the numeric columns that only grow with time, where later rows than those of the table will be predicted;
        None where rows have no order.
    kind: of the task, None where it does not count.
    """

    model: ModelSpec
    preprocessors: Mapping[str, PreprocessorSpec]
    growing: Collection[str] | None = None
    kind: TaskKind | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """The preprocessors that are defaults for a kind of column and this model, those of the highest rank first."""

    main: Sequence[tuple[str, DefaultFor]]
    others: Sequence[tuple[str, DefaultFor]]
    """Those that stand beside."""
    growing: Collection[str]

    def name_for(self, column: Column) -> str | None:
        """Return the preprocessor that is taken for a column, None where there is none."""
        for name, default in self.main:
            if self._suits(default, column):
                return name
        return None

    def beside(self, columns: Sequence[Column]) -> list[tuple[str, DefaultFor, tuple[Column, ...]]]:
        """Return what stands beside the features that are made anyway, with the columns that it is for."""
        found = [
            (name, each, tuple(column for column in columns if self._suits(each, column))) for name, each in self.others
        ]
        return [(name, each, suited) for name, each, suited in found if len(suited) >= max(1, each.fewest_columns)]

    def _suits(self, default: DefaultFor, column: Column) -> bool:
        if column.kind not in default.kinds or (default.ordered is not None and default.ordered != column.ordered):
            return False
        if default.categories is not None and not default.categories[0] <= column.n_distinct <= default.categories[1]:
            return False
        return default.growing is None or default.growing == (column.name in self.growing)


def defaults_for(kinds: Collection[ColumnKind], situation: Situation, *, accepted: bool) -> Defaults:
    """Return the defaults for columns of these kinds, for a model that takes them as they are (`accepted`) or not."""
    offered = [
        (name, default)
        for name, spec in situation.preprocessors.items()
        for default in spec.default_for
        if default.kinds.intersection(kinds) and _suits_model(default, situation, accepted)
    ]
    ranked = _by_rank(offered)
    main, others = [each for each in ranked if not each[1].beside], [each for each in ranked if each[1].beside]
    return Defaults(main, others, situation.growing or ())


def default_filling(situation: Situation) -> str | None:
    """Return the finishing step that fills in missing numbers for models that take none, None where there is none."""
    offered = [
        (name, default)
        for name, spec in situation.preprocessors.items()
        for default in spec.default_for
        if not default.kinds and not spec.handles and _suits_model(default, situation, accepted=False)
    ]
    return next((name for name, _ in _by_rank(offered)), None)


def _by_rank(offered: Sequence[tuple[str, DefaultFor]]) -> list[tuple[str, DefaultFor]]:
    return sorted(offered, key=lambda each: -each[1].rank)  # stable: of equals the first offered is the first


def _suits_model(default: DefaultFor, situation: Situation, accepted: bool) -> bool:
    model = situation.model
    return (
        default.accepted in (None, accepted)
        and default.sparse in (None, model.accepts_sparse)
        and default.scaled in (None, bool(model.scaling))
        and (default.tasks is None or situation.kind in default.tasks)
        and default.later in (None, situation.growing is not None)
    )
