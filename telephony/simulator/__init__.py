"""A switch without audio: the terminal telephone, the flow tests, and machines where no Asterisk can be had."""
