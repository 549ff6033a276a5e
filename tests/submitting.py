"""Hand plain functions, which need nothing around them, to an executor."""


def submit(executor, slot, function, *arguments):
    """Return the future of `function(*arguments)` on a slot."""
    return executor.submit(slot, leave_out_the_place, function, *arguments).future


def leave_out_the_place(place, function, *arguments):
    return function(*arguments)
