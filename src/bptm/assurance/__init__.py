"""Host for evidence: what reads the source of the core and says what holds of it.

`core_python` decides whether a file of the core stays inside the subset that five runtimes share (decision 0002);
every later reader of that source, the proof and the translation to C, may rely on its answer. `firmware`
translates the controller to C99 (`c_*`), packs it for MicroPython, makes golden vectors (`vectors_*`) and replays them
in four runtimes (`runtimes`). `prove` proves the controller with z3 (`z3_translate`, `proofs*`), searches it
exhaustively (`automaton`, `search*`) and breaks it on purpose (`mutate*`).
"""
