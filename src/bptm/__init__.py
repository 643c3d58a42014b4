"""An open Backup Power Transfer Meter (BPTM) and the utility programme around it.

The rooms and who may import whom: docs/explanation/architecture.md.
"""

__version__ = "0.1.0"
