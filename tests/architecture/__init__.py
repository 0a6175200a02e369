"""The house rules as tests: what import-linter cannot see."""
