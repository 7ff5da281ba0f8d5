"""Whether the node is well: for machines that ask, and for people."""
