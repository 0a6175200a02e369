"""What reaches people and what is read off everything that happens: subscribers and read models.

Nobody below the application calls it.
"""
