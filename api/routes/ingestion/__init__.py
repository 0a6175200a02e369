"""HTTP of imports."""
