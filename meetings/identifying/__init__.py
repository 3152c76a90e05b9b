"""What in a text may tell who somebody is: before a brief leaves the agency nothing of it may be left (N8, R68). Pure."""
