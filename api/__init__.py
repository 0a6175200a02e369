"""HTTP, web pages and the command line: the outermost layer; nothing imports it."""
