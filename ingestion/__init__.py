"""From files to lessons and from lessons to the index: sources, readers, chunking, the pipeline."""
