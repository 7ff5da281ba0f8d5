"""What the node writes down about requests and faults: one JSON object a line, no names, no addresses with numbers."""
