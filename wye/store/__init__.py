"""Keep the tables: definitions by noun in tables/, migrations, and the way to open a connection."""
