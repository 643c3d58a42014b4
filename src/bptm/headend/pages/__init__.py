"""The console's pages: what an operator sees and may ask, all through `headend.desk`.

`words` puts a meter into words and pictures (pure), `parts` are the elements with their JavaScript, `counts` remembers
the counts over the event, `fleet` and `meter` are the two pages. `headend.console` mounts them.
"""
