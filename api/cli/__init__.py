"""The `mwalimu` command. Commands speak HTTP: to the server that owns the data, or to one of their own."""

from api.cli.app import main

__all__ = ["main"]
