"""IMS Common Cartridge 1.0 to 1.3 and Thin Common Cartridge, with what Canvas adds to them.

Items of the organisation become lessons by the type of their resource; pages outside the organisation follow in a
module of their own. Specification: https://www.imsglobal.org/cc/ccv1p3/imscc_Overview-v1p3.html
"""

from ingestion.sources.packages.imscc.cartridge import convert

__all__ = ["convert"]
