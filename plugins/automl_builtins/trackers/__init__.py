"""Built-in trackers: tools outside that keep the course of a search."""
