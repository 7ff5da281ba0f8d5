"""What the pages of the desk show, as frozen values; nothing here writes."""
