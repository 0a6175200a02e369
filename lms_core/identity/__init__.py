"""Who people are: institutions, accounts, roles, sessions, and the record of what was done."""
