"""Hand plain functions, which need nothing around them, to an executor whose slots are called by their number."""


def submit(executor, slot, function, *arguments):
    """Return the future of `function(*arguments)` on a slot."""
    return executor.submit(executor.slots()[slot], leave_out_the_place, function, *arguments).future


def leave_out_the_place(place, function, *arguments):
    return function(*arguments)
