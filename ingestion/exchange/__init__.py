"""Questions in and out of quizzes: a file is looked at, then carried out by a job; a quiz is written as a file.

Nothing of a file reaches a quiz before its editor has seen what will come and what will not, and said so. Carrying out
is one transaction, so a job that is killed and repeated brings nothing twice.
"""
