"""Messages to people inside the platform."""
