"""Makers of what tests need, through the product's own verbs."""
