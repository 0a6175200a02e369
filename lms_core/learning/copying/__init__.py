"""Copies of courses, and courses that begin from a template: what each slice copies of itself, put together.

A copy is a new draft of whoever asked for it. It is whole or it is empty: all rows are written in one transaction,
after the bytes of its library and before its texts are rendered. People, and what they did, are never copied.

Templates are courses of the institution that are only copied, and the `beginnings`, which come with the product as
plain data in every language of the interface.
"""
