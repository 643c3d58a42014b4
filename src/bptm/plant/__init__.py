"""The physical world in Core Python: utility service, backup sources, premise, contactors, sensors; voltages solved as a circuit."""
