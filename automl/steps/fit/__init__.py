"""All that runs in a worker: job -> fitted fold."""
