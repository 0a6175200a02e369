"""Where work runs: the composition root, the in-process runner, Celery, the schedule."""
