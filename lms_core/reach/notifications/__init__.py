"""Notifications: what people are told, in the application and by mail, in their language.

Whatever emits an event that people should hear of puts a `Notice` on it (kit/events); this slice turns it into one row
a recipient and, where the kind is mailed, one letter. A kind and its words are in `wording`; which channels a person
gets is decided in `policies` alone. A letter may come twice when the process dies between sending and noting it, a
notification never does.
"""
