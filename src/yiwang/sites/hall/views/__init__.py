"""Views of the hall, one file for each surface."""
