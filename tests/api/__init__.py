"""The HTTP surface: pages and routes."""
