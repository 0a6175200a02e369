"""The web pages: Jinja2 templates, plain ES modules, own CSS; no build step, no third-party request."""
