"""All that a plugin may import: markers, specs, protocols, search space, and the nouns they speak of."""

from automl.errors import InputError, NothingToCombineError, OptionError
from automl.plugin_api.borrowing import BorrowedLearner
from automl.plugin_api.executors import Executor, Slot, Started, WorkerEndedError, Workplace
from automl.plugin_api.fleets import Fleet, Machine
from automl.plugin_api.hookspecs import hookimpl
from automl.plugin_api.images import stack_images
from automl.plugin_api.line import Line
from automl.plugin_api.local_work import (
    LocalCall,
    LocalWorkplace,
    discard_locally,
    fetch_locally,
    publish_locally,
    run_locally,
)
from automl.plugin_api.objective import count_of, first_rows_of, quantile_of
from automl.plugin_api.pretrained import weights_path
from automl.plugin_api.process_memory import Families
from automl.plugin_api.protocols import (
    ArrayPreprocessor,
    Cache,
    Combiner,
    Ensembler,
    FitContext,
    Learner,
    NoCache,
    Outcome,
    OutOfFold,
    Preprocessor,
    Proposal,
    Refittable,
    SearchStrategy,
    Tracker,
)
from automl.plugin_api.scoring import draw_groups, loss_of, score_predictions
from automl.plugin_api.search_space import Choice, Domain, Float, Int, SearchSpace, neighbour_in_space, sample_space
from automl.plugin_api.sklearn_bridge import SklearnLearner, as_matrix, spread_classes
from automl.plugin_api.specs import (
    ALL_TASKS,
    CLASSIFICATION,
    PREPARE_PREFIX,
    PRETRAINED,
    BuildRequest,
    DefaultFor,
    EnsembleRequest,
    EnsemblerSpec,
    ExecutorRequest,
    ExecutorSpec,
    FitSize,
    FleetRequest,
    FleetSpec,
    Loan,
    MetricSpec,
    ModelSpec,
    PreprocessorSpec,
    PreprocessRequest,
    PretrainedSpec,
    SearchStrategySpec,
    StrategyRequest,
    TargetColumn,
    TargetTable,
    TaskSpec,
    TrackerSpec,
    TrackRequest,
)
from automl.vocabulary.arrays import Array, Features, Rows
from automl.vocabulary.candidate import Candidate, Preparation, PreparationStep
from automl.vocabulary.dataset import Dataset
from automl.vocabulary.deadline import Deadline
from automl.vocabulary.events import (
    CandidateFailed,
    CandidateFinished,
    EnsembleBuilt,
    Event,
    FoldFinished,
    FoldLost,
    FoldStarted,
    SearchFinished,
    SearchProgress,
    SearchResumed,
    SearchStarted,
    SlotsChanged,
    TableAudited,
    TrialsFinished,
)
from automl.vocabulary.findings import Finding, Severity
from automl.vocabulary.folds import Fold, ResamplingPlan
from automl.vocabulary.outputs import by_block, decided_by_block, gives_scores
from automl.vocabulary.placed import FIELDS, ROWS, Placed
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import CandidateResult, Failure, FoldResult, Resources
from automl.vocabulary.review import ReportTable
from automl.vocabulary.schema import Column, ColumnKind, Schema
from automl.vocabulary.settings import SearchSettings
from automl.vocabulary.states import Again, Ended, Refusal, Stage, Status
from automl.vocabulary.task import Block, Task, TaskKind, Trait, of_several

__all__ = [
    "ALL_TASKS", "CLASSIFICATION", "FIELDS", "PREPARE_PREFIX", "PRETRAINED", "ROWS", "Again", "Array",
    "ArrayPreprocessor", "Block", "BorrowedLearner", "BuildRequest", "Cache", "Candidate", "CandidateFailed",
    "CandidateFinished", "CandidateResult", "Choice", "Column", "ColumnKind", "Combiner", "Dataset", "Deadline",
    "DefaultFor", "Domain", "Ended", "EnsembleBuilt", "EnsembleRequest", "Ensembler", "EnsemblerSpec", "Event",
    "Executor", "ExecutorRequest", "ExecutorSpec", "Failure", "Families", "Features", "Finding", "FitContext",
    "FitSize", "Fleet", "FleetRequest", "FleetSpec", "Float", "Fold", "FoldFinished", "FoldLost", "FoldResult",
    "FoldStarted", "InputError", "Int", "Learner", "Line", "Loan", "LocalCall", "LocalWorkplace", "Machine",
    "MetricSpec", "ModelSpec", "NoCache", "NothingToCombineError", "OptionError", "OutOfFold", "Outcome", "Placed",
    "Preparation", "PreparationStep", "PreprocessRequest", "Preprocessor", "PreprocessorSpec", "PretrainedSpec",
    "Proposal", "Ref", "Refittable", "Refusal", "ReportTable", "ResamplingPlan", "Resources", "Rows", "Schema",
    "SearchFinished", "SearchProgress", "SearchResumed", "SearchSettings", "SearchSpace", "SearchStarted",
    "SearchStrategy", "SearchStrategySpec", "Severity", "SklearnLearner", "Slot", "SlotsChanged", "Stage",
    "Started", "Status", "StrategyRequest", "TableAudited", "TargetColumn", "TargetTable", "Task", "TaskKind",
    "TaskSpec", "TrackRequest", "Tracker", "TrackerSpec", "Trait", "TrialsFinished", "WorkerEndedError",
    "Workplace", "as_matrix", "by_block", "count_of", "decided_by_block", "discard_locally", "draw_groups",
    "fetch_locally", "first_rows_of", "gives_scores", "hookimpl", "loss_of", "neighbour_in_space", "of_several",
    "publish_locally", "quantile_of", "run_locally", "sample_space", "score_predictions", "spread_classes",
    "stack_images", "weights_path",
]  # fmt: skip
