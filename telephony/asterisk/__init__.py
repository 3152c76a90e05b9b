"""Calls on a real Asterisk: driven over ARI, watched over AMI."""
