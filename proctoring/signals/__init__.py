"""Signals: what pictures, browser events and silences say at one moment, before persistence makes an anomaly of it.

Pure functions over plain data. Invariants: a picture that is too dark or blurred
says something about the camera and nothing about the person; a check that was
not made says nothing at all; the order in which things arrive does not matter.
"""
