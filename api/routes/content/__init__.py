"""Content over HTTP: the catalogue, authoring courses and lessons, their files."""
