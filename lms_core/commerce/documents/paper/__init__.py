"""Documents on paper: A4 pages with embedded fonts, in English or Swahili."""
