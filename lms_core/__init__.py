"""The learning service itself: people, courses, learning. Knows nothing of HTTP, models or vector indexes."""
