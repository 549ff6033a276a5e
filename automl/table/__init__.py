"""A user's table, at the fit and at every later call."""
