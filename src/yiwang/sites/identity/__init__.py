"""Sign-in of staff, registration of citizens and firms."""
