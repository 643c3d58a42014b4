"""The bench: one meter at waveform rate, scenarios as folders of data, any controller, a report for a lab's customer.

    ScenarioError           a scenario is not played; it carries every fault of it (`faults`)
    RecordError             a recorded waveform cannot be used (`comtrade_adapter`)
    WriteError              a report or a record of waveforms cannot be written (`outputs`)
    ControllerGoneError     a controller of somebody else hangs, has gone or answers nonsense (`link`)

`reading` makes a scenario of a folder, `play` runs it on the physics of `plant` with a controller of `controllers` or
of `external`, `judge` compares with what was expected, `report` writes it down.
"""
