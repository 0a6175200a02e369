"""Assessments: quizzes, attempts at them, and marks.

A quiz belongs to a course and may stand beside a lesson. Its questions can be
edited at any time: each edit is a new *revision*, and an attempt is made on the
*paper* of the revision at which it began, so nobody's questions change under
their hands and a mark can always be explained.

Invariants: attempts of a person at a quiz are numbered 1, 2, 3 ... and at most
one is unfinished; every step of an attempt is in `states.TRANSITIONS`; only the
server's clock ends one, also when no browser is there any more; an answer is
replaced only by one with a higher sequence number, and a try at a question is
counted once however often it is sent; marks lie between 0 and the question's
points, but for certainty and wrong choices that cost some. Nothing that tells
the key leaves `service` for a learner before the quiz's table of what is shown
when lets it. How questions behave is fixed when an attempt begins (its
`terms`); what is shown of them follows the quiz at once.

A quiz is a plain list of questions, or made of sections, which also hold questions
of banks and random draws. Its paper then holds all that may be drawn, and each
attempt writes down which questions are its own when it begins: whoever reads,
marks or counts asks `queries.questions_of(attempt)`, never the paper. No question
stands twice in an attempt; the versions of a bank's question never change.

The attempt of a supervised quiz *waits*, without questions and without a
running clock, until whoever supervises calls `begin`.
"""
