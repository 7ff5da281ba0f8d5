"""Fixed-layout documents: certificates, receipts, seals."""
