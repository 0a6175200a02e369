"""Tests of proctored exams."""
