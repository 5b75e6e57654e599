"""Keep the audit trail: sealed entries in a Merkle tree whose signed checkpoints anyone can check."""
