"""The device's mind in Core Python: measured values to facts, facts to modes and orders, and the interlock that judges every order again."""
