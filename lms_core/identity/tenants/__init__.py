"""Institutions. Everything else belongs to exactly one; the first one is made with the installation."""
