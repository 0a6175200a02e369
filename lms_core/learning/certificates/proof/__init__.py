"""Signatures: documents (PAdES) and credentials (Data Integrity), made and checked. Knows no table."""
