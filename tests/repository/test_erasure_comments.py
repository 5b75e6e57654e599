"""Every table that knows people by id or value says what an erasure must do to it."""

import psycopg
import pytest

pytestmark = pytest.mark.services

# A column of one of these names is a person's or their record's id, or holds, sealed or hashed, what is theirs.
KNOWS = """SELECT DISTINCT format('%I.%I', n.nspname, c.relname), obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid
 AND a.attnum > 0 AND a.atttypid <> 'bigint'::regtype
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|partner)' AND a.attname ~
 '^(person|persons|kept|other|subject|record|records|record_a|record_b|holder|sealed|ciphertext|token|jws|item)$'
ORDER BY 1"""
NOBODYS = ["exchange.session_key"]
"""The sealed key of a feed is nobody's."""


def test_table_that_knows_people_says_what_an_erasure_must_do(database_url: str) -> None:
    with psycopg.connect(database_url) as conn:
        tables = {str(name): str(said or "") for name, said in conn.execute(KNOWS)}

    assert len(tables) > 30
    silent = sorted(name for name, said in tables.items() if not said.startswith("Erasure: "))
    assert silent == NOBODYS, "add COMMENT ON TABLE ... IS 'Erasure: ...'"
