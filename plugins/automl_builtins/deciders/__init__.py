"""Built-in answers to what the engine asks while it searches, such as whether to stop."""
