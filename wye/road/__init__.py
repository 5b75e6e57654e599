"""Walk the way of a record: one use-case to a file, each run in batches that can be run twice without harm."""
