"""What the agency's systems know: matters, decisions, payments, benefits."""
