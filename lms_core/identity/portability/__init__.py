"""A person's own data as an archive: asked for once a day, made by a job, kept for seven days, for its owner alone.

What goes into it is declared by the slices that hold it (`lms_core.kit.personal`).
"""
