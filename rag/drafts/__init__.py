"""Drafts of quiz questions, made from what the lessons say, for a person to approve.

A draft names its source: the span of a passage of one version of a lesson. Before
it is shown it was checked: the default answerer, asked the question, has to find
the key in that span, and no wrong answer may stand there too.

Invariants: nothing a draft says reaches learners before somebody who edits the
course approves it; a draft whose lesson has moved on to another version is stale
and cannot be approved; a question that was once refused is not proposed again.
Text of lessons, and what a chat model makes of it, is data: every span it names
must stand in the passage, character for character.
"""
