"""Deleting an account: asked for with the password (and a code), done 14 days later unless its owner logs in.

What is deleted and what stays without a name is declared by the slices that hold it (`lms_core.kit.personal`); the
account's row stays empty, since certificates and the audit log refer to it. The last administrator stays.
"""
