"""How we keep things: SQL is the truth, Redis is what is live, the job queue only wakes work up."""
