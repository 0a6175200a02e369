"""Watching: the job that looks at pictures, and the face they are compared with.

Invariants: a picture has one analysis, however often the process dies; what was
not looked for is said with the analysis and looked for later when the weights
come; embeddings are kept encrypted under the session's key and leave with its
pictures; the detector is made once a process, when first needed.
"""
