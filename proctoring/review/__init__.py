"""Review: people judge what the rules flagged. Queue, report, decisions, verdict, appeal, export, figures.

Invariants: only a person decides; a rejection takes two different reviewers and no
role overrides that; whoever answers an appeal took no part in the decision; every
step is a row that is never changed; every look is in the audit log.
"""
