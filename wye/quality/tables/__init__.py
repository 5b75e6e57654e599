"""Check what waits of a stream as a whole: each table rule is a small file, and Great Expectations evaluates them all."""
