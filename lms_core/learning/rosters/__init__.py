"""Rosters: a CSV file of people, looked at line by line before anything happens, then accounts and enrolments.

A line is decided once, when the file comes in, and carried out once; a roster that is run again, or a file that is
uploaded again, finds what is there and changes nothing twice. Lines hold addresses, so they leave after 30 days.
"""
