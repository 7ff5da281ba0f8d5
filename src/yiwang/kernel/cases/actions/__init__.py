"""What people and the platform do to cases and their types; one file for each occasion."""
