"""JSON routes of proctoring: policies, sessions, pictures, privacy, review."""
