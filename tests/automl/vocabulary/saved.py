"""Records on their way through a saved model."""

import json

from automl.storage.decode import decode
from automl.storage.encode import encode
from automl.storage.known_classes import known_classes


def saved_and_loaded(record):
    """Return a record as it comes back from a saved model, which holds data and no pickle."""
    known = known_classes(())
    encoded = encode(record, known)
    return decode(json.loads(json.dumps(encoded.tree, allow_nan=False)), encoded.blob, known)
