"""A certificate on paper: fonts, the words in each language, and the drawing. Pure: plain data in, PDF bytes out."""
