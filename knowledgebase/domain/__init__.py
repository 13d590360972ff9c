"""The door for writes: sections, answers, publishing, files, feedback."""
