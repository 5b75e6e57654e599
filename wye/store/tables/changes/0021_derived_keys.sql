-- Blocking keys are made from features and can be made again: they are not worth their way through the write-ahead log,
-- which is most of what a night of linking writes. PostgreSQL empties an unlogged table when it recovers from a crash, and
-- a standby never has its rows: identity sees that, looks at all records once, and writes them anew.
ALTER TABLE identity.block SET UNLOGGED;
