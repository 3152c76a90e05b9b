"""The fair line in Redis, and how each of its decisions is seen through: phones, SQL, whoever must know."""
