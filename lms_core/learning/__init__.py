"""What learners do: enrolments and progress; assessments and certificates stand on these."""
