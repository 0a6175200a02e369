"""The ground every slice stands on: settings, database, contexts, events, jobs, errors and the ports."""
