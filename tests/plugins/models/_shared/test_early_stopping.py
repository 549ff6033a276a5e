"""Early stopping: the course of a loss, and what is done where the time is short."""

from __future__ import annotations

from automl_builtins.models._shared.early_stopping import FASTEST, Course, hurried, is_out_of_time


def test_a_course_is_over_when_the_loss_has_hardly_fallen_for_a_while():
    falling, flat = Course(20), Course(20)
    for step in range(100):
        falling.add(0.99**step)
        flat.add(1.0 - 1e-6 * step)
    assert not falling.is_over()
    assert flat.is_over()
    assert flat.best_round == 100


def test_patience_grows_with_the_rounds_that_have_brought_gain():
    course = Course(20)
    for step in range(100):
        course.add(0.99**step)
    for _ in range(30):
        course.add(1.0)
    assert not course.is_over()
    for _ in range(20):
        course.add(1.0)
    assert course.is_over()


def test_time_is_over_while_there_is_still_some_for_the_end():
    assert not is_out_of_time(left=10.0, each=0.1, done=10)
    assert is_out_of_time(left=0.3, each=0.1, done=10)


def test_the_learning_rate_is_raised_where_few_rounds_are_left_but_not_without_bounds():
    assert hurried(0.05, 1000.0) == 0.05
    assert 0.05 < hurried(0.05, 20.0) <= FASTEST
    assert hurried(0.05, 0.0) == FASTEST
    assert hurried(0.5, 1.0) == 0.5
