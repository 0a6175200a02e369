"""HTTP of the course assistant."""
