"""Setup of the waveform bench: panel, circuits and loads of the premise.

Core Python. Rows as in `core_bench`. Each load stands behind a breaker of its own, which people may switch off and
which trips by heat and by magnet (UL 489). Powers are those at nominal voltage.
"""

# Circuits of the panel, in the order of the breakers.
CIRCUIT_MAIN = 0
CIRCUIT_RESISTIVE_L1 = 1
CIRCUIT_RESISTIVE_L2 = 2
CIRCUIT_RESISTIVE_L12 = 3
CIRCUIT_ELECTRONIC_L1 = 4
CIRCUIT_ELECTRONIC_L2 = 5
CIRCUIT_MOTOR_A = 6
CIRCUIT_MOTOR_B = 7
CIRCUIT_THERMOSTAT = 8
CIRCUIT_FAULT = 9
CIRCUITS = 10

# Where a load is connected.
AT_L1 = 1
AT_L2 = 2
AT_L12 = 3

PREMISE_SETTINGS = (
    # The panel.
    ("main_breaker", "f8", "", "1 while the main breaker is on", 1, 0, 1, "choice of the test"),
    ("main_breaker_a", "f8", "A", "its rating", 200.0, 30.0, 400.0, "UL 489"),
    ("panel_ohm", "f8", "ohm", "meter to panel, one leg", 0.002, 0.0001, 1e9, "own choice"),
    ("panel_neutral_ohm", "f8", "ohm", "neutral from meter to panel", 0.002, 0.0001, 1e9, "domain.md H16"),
    # Resistive loads.
    ("resistive_l1_w", "f8", "W", "resistive load on leg 1", 600.0, 0.0, 50000.0, "choice of the test"),
    ("resistive_l2_w", "f8", "W", "on leg 2", 400.0, 0.0, 50000.0, "choice of the test"),
    ("resistive_l12_w", "f8", "W", "leg to leg", 0.0, 0.0, 50000.0, "choice of the test"),
    ("resistive_l1_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("resistive_l2_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("resistive_l12_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("resistive_l1_breaker_a", "f8", "A", "its rating", 100.0, 10.0, 400.0, "UL 489"),
    ("resistive_l2_breaker_a", "f8", "A", "its rating", 100.0, 10.0, 400.0, "UL 489"),
    ("resistive_l12_breaker_a", "f8", "A", "its rating", 100.0, 10.0, 400.0, "UL 489"),
    # Electronic loads: constant power, a current of pulses.
    ("electronic_l1_w", "f8", "W", "electronic load on leg 1", 150.0, 0.0, 20000.0, "choice of the test"),
    ("electronic_l2_w", "f8", "W", "on leg 2", 100.0, 0.0, 20000.0, "choice of the test"),
    ("electronic_l1_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("electronic_l2_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("electronic_breaker_a", "f8", "A", "rating of each", 20.0, 10.0, 200.0, "UL 489"),
    ("electronic_third", "f8", "", "third harmonic of their current", 0.6, 0.0, 0.9, "own choice: no filter"),
    ("electronic_fifth", "f8", "", "fifth harmonic", 0.35, 0.0, 0.9, "own choice: no filter"),
    ("electronic_seventh", "f8", "", "seventh harmonic", 0.15, 0.0, 0.9, "own choice: no filter"),
    ("electronic_off_pu", "f8", "pu", "below this they take no current", 0.7, 0.1, 0.95, "ITIC"),
    # Motor A (a heat pump or a well pump) and motor B (a refrigerator).
    ("motor_a_on", "f8", "", "1 while it is called for", 0, 0, 1, "choice of the test"),
    ("motor_a_at", "f8", "", "AT_...", 3, 1, 3, "choice of the test"),
    ("motor_a_w", "f8", "W", "running power", 1500.0, 50.0, 15000.0, "domain.md 2.12"),
    ("motor_a_start_ratio", "f8", "", "locked-rotor over running current", 5.0, 2.0, 10.0, "domain.md 2.12"),
    ("motor_a_inertia_s", "f8", "s", "inertia constant H with its load", 0.3, 0.02, 10.0, "own choice"),
    ("motor_a_flux_s", "f8", "s", "open-circuit time constant of its flux", 0.1, 0.02, 2.0, "domain.md 2.7: 20-150 ms"),
    ("motor_a_torque", "f8", "", "load torque at rest, share of the rated", 0.3, 0.0, 1.5, "own choice"),
    ("motor_a_locked", "f8", "", "1: its rotor does not turn", 0, 0, 1, "choice of the test"),
    ("motor_a_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("motor_a_breaker_a", "f8", "A", "its rating", 40.0, 10.0, 200.0, "UL 489"),
    ("motor_b_on", "f8", "", "1 while it is called for", 0, 0, 1, "choice of the test"),
    ("motor_b_at", "f8", "", "AT_...", 1, 1, 3, "choice of the test"),
    ("motor_b_w", "f8", "W", "running power", 200.0, 50.0, 15000.0, "domain.md 2.12"),
    ("motor_b_start_ratio", "f8", "", "locked-rotor over running current", 5.0, 2.0, 10.0, "domain.md 2.12"),
    ("motor_b_inertia_s", "f8", "s", "inertia constant H with its load", 0.15, 0.02, 10.0, "own choice"),
    (
        "motor_b_flux_s",
        "f8",
        "s",
        "open-circuit time constant of its flux",
        0.05,
        0.02,
        2.0,
        "domain.md 2.7: 20-150 ms",
    ),
    ("motor_b_torque", "f8", "", "load torque at rest, share of the rated", 0.3, 0.0, 1.5, "own choice"),
    ("motor_b_locked", "f8", "", "1: its rotor does not turn", 0, 0, 1, "choice of the test"),
    ("motor_b_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("motor_b_breaker_a", "f8", "A", "its rating", 20.0, 10.0, 200.0, "UL 489"),
    # A thermostatic load, leg to leg.
    ("thermostat_w", "f8", "W", "thermostatic load, leg to leg", 0.0, 0.0, 30000.0, "choice of the test"),
    ("thermostat_on_s", "f8", "s", "on in each cycle", 600.0, 0.01, 86400.0, "own choice"),
    ("thermostat_off_s", "f8", "s", "off in each cycle", 1200.0, 0.01, 86400.0, "own choice"),
    ("thermostat_breaker", "f8", "", "1 while its breaker is on", 1, 0, 1, "choice of the test"),
    ("thermostat_breaker_a", "f8", "A", "its rating", 40.0, 10.0, 200.0, "UL 489"),
    # A second surge protector, at the panel.
    ("panel_spd_present", "f8", "", "1: the panel has a surge protector of its own", 0, 0, 1, "UL 1449 type 2"),
    ("panel_spd_ma_v", "f8", "V", "its voltage at 1 mA, peak", 240.0, 150.0, 800.0, "150 V varistor, domain.md 2.10"),
    ("panel_spd_clamp_v", "f8", "V", "its voltage at 100 A", 395.0, 200.0, 2000.0, "150 V varistor, domain.md 2.10"),
    ("panel_spd_surge_a", "f8", "A", "one 8/20 surge of this ends its life", 20000.0, 500.0, 200000.0, "own choice"),
    ("panel_line_uh", "f8", "", "line from meter to panel, microhenry: 1 by metre", 5.0, 0.3, 100.0, "own choice"),
    # A short circuit on a circuit of the panel.
    ("fault_l1_ohm", "f8", "ohm", "fault from leg 1 to neutral", 1e9, 0.005, 1e9, "domain.md H24"),
    ("fault_l2_ohm", "f8", "ohm", "from leg 2 to neutral", 1e9, 0.005, 1e9, "domain.md H24"),
    ("fault_l12_ohm", "f8", "ohm", "leg to leg", 1e9, 0.005, 1e9, "domain.md H24"),
    ("fault_breaker_a", "f8", "A", "rating of the breaker of the circuit at fault", 20.0, 10.0, 400.0, "UL 489"),
)
