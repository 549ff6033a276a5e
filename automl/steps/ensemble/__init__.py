"""Results -> ensemble, members, decision."""
