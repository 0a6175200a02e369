"""Sessions: one supervised sitting of an attempt, from consent to its last state.

Owns states, consent, system checks, page events, heartbeats and the step log.
Invariants: an attempt has at most one unfinished session; every step is in
`states.TRANSITIONS` and leaves a row; a session keeps the policy it began under;
what the taker's clock says is corrected by what was measured, and noted; silence
interrupts a session and never ends it.
"""
