"""Anomalies: signals that lasted, with the rule that held and its numbers; their risk score; time not watched.

Invariants: nothing comes from a single picture; computing again from the same
material changes nothing; an anomaly keeps its id, and with it a reviewer's
decision, while late pictures move its borders; time not watched is never an anomaly.
"""
