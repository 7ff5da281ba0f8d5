"""What the pages of the hall show, as frozen values."""
