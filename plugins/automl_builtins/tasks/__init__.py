"""The tasks that come with the engine: two classes, several classes, and numbers."""
