"""What models, preprocessors, metrics and the task of tags share: schemes, sentences, and features of words."""
