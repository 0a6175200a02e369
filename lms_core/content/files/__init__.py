"""Files that belong to something: pictures, recordings and documents beside lessons.

An asset has a neutral owner (a course's id, by number only), a path unique
inside that owner, and its bytes in `Storage` under a key made of tenant, owner
and SHA-256. What a file is gets decided from its bytes, never from its name;
only types on the inline list are ever shown in a browser, the rest download.
"""
