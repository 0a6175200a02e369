"""What instructors learn from questions: the unanswered, the badly rated, and closing the gap."""
