"""From a competition's files to a submission: `compete` is the whole path, one step a file."""
