"""What is kept of a search for its report and its notes."""
