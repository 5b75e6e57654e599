"""Run Alembic's migrations over psycopg, one at a time."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
engine = create_engine(url)
with engine.begin() as connection:
    # Two hubs that start together: the second waits, then finds nothing to do.
    connection.execute(text("SELECT pg_advisory_xact_lock(7793)"))
    context.configure(connection=connection, version_table="wye_revision")
    context.run_migrations()
    # After every migration, so that no new table is without its rights.
    context.config.attributes["missing_roles"] = connection.execute(text("SELECT public.wye_grant_rights()")).scalar()
    connection.execute(text("SELECT report.grant_rights()"))
    connection.execute(text("SELECT audit.grant_search_rights()"))
    connection.execute(text("SELECT audit.make_months()"))
engine.dispose()
