"""A real Asterisk as our switch: ARI drives every call, AMI watches."""
