"""Alerts: what about the use of an account deserves a look, told to its owner by mail and in a list.

Invariants: an alert is written once for what it is about (a device, a country, a pair of devices, a journey of one
day); the first device and the first country of an account alert nobody; only the owner sees an alert and says that
it was them. Places come from an optional file (`kit.places`); without it nothing is said about countries and travel.
"""
