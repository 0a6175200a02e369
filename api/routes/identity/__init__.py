"""Identity over HTTP: logging in, one's profile, and the people of an institution."""
