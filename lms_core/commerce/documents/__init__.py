"""Documents: invoices, receipts and credit notes with gapless numbers per institution, kind and year.

An order that is paid has an invoice and a receipt, money that goes back a credit note to its invoice; a free order has
none. What a document says is frozen in its row on the day it is issued, whatever becomes of the order, the product and
the settings of the seller later. A job prints and mails it.

Invariants: numbers of a series are 1, 2, 3 ... without gaps, since a number is taken in the transaction that stores its
document; one document per kind and source (an order, or a refund); a document never changes but for the data of the
control unit (eTIMS), which is known only after it was issued. Nothing is ever deleted: tax law wants it kept.
"""
