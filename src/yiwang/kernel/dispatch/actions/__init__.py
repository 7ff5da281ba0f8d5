"""What people do with envelopes, what arrives from other nodes, and whom this node trusts; one file for each."""
