"""Be the reference partner: a consumer that a partner could install, with its own process, database and keys.

It knows the envelope, the error tree and the vocabulary, and nothing else of the hub.
"""
