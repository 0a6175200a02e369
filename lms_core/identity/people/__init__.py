"""The people of an institution as its administrators see them: search, one person's whole standing, acting as somebody.

Nobody gets at more than their own rights: who is changed, signed out or acted as holds nothing that the actor lacks.
"""
