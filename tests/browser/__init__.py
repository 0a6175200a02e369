"""Whole stories in a real browser, and the pictures they take."""
