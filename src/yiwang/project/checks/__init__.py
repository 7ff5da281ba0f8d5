"""What `./run check` asks beyond the tools of others; each prints `file:line: finding` and ends with status 1."""
