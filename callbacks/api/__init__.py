"""How other systems and citizens meet promises to ring back over HTTP."""
