"""Learning over HTTP: enrolling, and how far one is."""
