"""Drafts: what authors are writing and learners do not see yet.

A draft is one author's text of one lesson, saved while they type and on every device of theirs; there is at most one
for each pair. It is no version: publishing turns it into one. `base_version` is the version its author began from; once
another was published the draft is *outdated*, and its author decides what becomes of both. `revision` counts its saves,
so that two windows of the same author do not overwrite each other.

Several drafts of a course are published together or not at all. A draft also carries whether its lesson is to be seen,
so that new lessons appear with the changes that speak of them.
"""
