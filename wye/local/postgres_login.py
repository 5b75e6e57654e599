"""Make the logins of the embedded PostgreSQL: each with a password of its own, and with no right that is not its group's."""

import secrets
from contextlib import suppress


def make(owner_url: str, name: str, member_of: str | None) -> str:
    """Make a login, or give one whose password was lost a new one; gives the password. The group is made if missing."""
    import psycopg
    from psycopg import sql

    password = secrets.token_urlsafe(32)
    with psycopg.connect(owner_url, autocommit=True) as conn:
        for role, words in ((member_of, "NOLOGIN"), (name, "LOGIN")):
            if role is not None:
                with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                    conn.execute(sql.SQL("CREATE ROLE {} " + words).format(sql.Identifier(role)))
        # The server is told what checks the password, never the password (RFC 5803).
        verifier = conn.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
        conn.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier)))
        if member_of is not None:
            conn.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(member_of), sql.Identifier(name)))
    return password
