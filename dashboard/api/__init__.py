"""What the browser may ask, over HTTP."""
