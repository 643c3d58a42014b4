"""Host for evidence: what reads the source of the core and says what holds of it.

`core_python` decides whether a file of the core stays inside the subset that five runtimes share (decision 0002);
every later reader of that source, the proof and the translation to C, may rely on its answer. Proof, exhaustive
search, C and MicroPython export and golden vectors are not built yet.
"""
