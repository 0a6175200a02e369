"""A report on paper: pictures with boxes, a timeline drawn, and a PDF of it all."""
