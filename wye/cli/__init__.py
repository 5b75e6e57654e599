"""Be the command line: the face that people and scripts use. It holds no rule."""
