"""The course assistant: vectors, index, retrieval, answers, conversations, FAQ, insights."""
