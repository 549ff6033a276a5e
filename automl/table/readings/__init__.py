"""How the values of a column are read: dates, numbers, durations, codes."""
