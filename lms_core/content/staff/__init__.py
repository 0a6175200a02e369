"""Staff of a course: its owners, co-instructors and assistants, and the invitations to become one.

Invariants: who gives, changes or takes a role holds all that it grants in this course; a course that has an owner keeps
one; an invitation is for one address, good once and for 14 days, and ends when whoever sent it leaves the staff.
The roles themselves are held in `identity.access`; what each allows is `kit.permissions`.
"""
