"""Finding the passages that answer a question, and judging whether any does.

Pure computation over candidates that the caller fetched: no database, no
vector index, no model. A question is analysed once (`questions.analyse`),
candidates are scored (`scoring.score`), and the decision to answer or refuse
comes from `answerability` with a threshold set per course by `calibration`.
"""
