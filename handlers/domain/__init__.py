"""What a rollout is and how it is judged: plain Python, on values that are given."""
