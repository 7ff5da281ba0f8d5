"""Raw SQL of this package."""

DATABASE_SIZE = "SELECT pg_database_size(current_database())"
