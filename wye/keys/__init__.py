"""Hold keys: providers of wrapping keys, the sealing of values, and the wraps that shredding deletes."""
