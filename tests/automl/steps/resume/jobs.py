"""Fits as a log sees them, and what came of them."""

import hashlib
from dataclasses import dataclass

import numpy as np

from automl.steps.fit.fit_fold import FoldJob
from automl.vocabulary.candidate import Candidate, Preparation
from automl.vocabulary.refs import Ref
from automl.vocabulary.results import FoldResult


@dataclass(frozen=True)
class Made:
    """A fit that was made in a folder."""

    job: FoldJob
    result: FoldResult


def job(fold=0, number=1, rows_share=1.0, fixed=None):
    """A fit of one fold of a candidate."""
    candidate = Candidate("linear", {"number": number}, Preparation(()), 3, "random")
    return FoldJob(None, candidate, fold, None, {}, "rmse", 7, 1, 10.0, rows_share=rows_share, fixed=fixed or {})


def made_in(folder, fold=0, number=1, **options):
    """A fit with its member's file in the folder."""
    asked = job(fold, number, **options)
    member = folder / f"{asked.candidate.id}-{fold}.member"
    member.write_bytes(b"a fitted member")
    predictions = np.full((3, 1), fold + number / 10, dtype=np.float32)
    digest = hashlib.sha256(b"a fitted member").hexdigest()
    result = FoldResult(
        asked.candidate.id, fold, predictions, 1.5, 1.0, 0.1, Ref(member.name, str(member)), member_sha256=digest
    )
    return Made(asked, result)
