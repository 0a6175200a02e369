"""MathML to LaTeX, for formulas that items carry: presentation markup of school and university mathematics."""

from ingestion.questions.trees import Element

DEEPEST = 60
SYMBOLS = {
    "×": r"\times", "÷": r"\div", "·": r"\cdot", "⋅": r"\cdot", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "∞": r"\infty", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∂": r"\partial", "∈": r"\in",
    "→": r"\to", "⇒": r"\Rightarrow", "√": r"\surd", "−": "-", "α": r"\alpha", "β": r"\beta", "γ": r"\gamma",
    "δ": r"\delta", "Δ": r"\Delta", "ε": r"\epsilon", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "π": r"\pi",
    "ρ": r"\rho", "σ": r"\sigma", "Σ": r"\Sigma", "τ": r"\tau", "φ": r"\phi", "ω": r"\omega", "Ω": r"\Omega",
    "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "\u2061": "", "\u2062": "", "\u2063": "",
}  # fmt: skip


def latex(math: Element) -> str:
    """The LaTeX of a `math` element: what it says of itself, or else what its markup means."""
    said = math.get("alttext", "").strip()
    for note in math.iter("annotation"):
        if "tex" in note.get("encoding", "").lower():
            said = (note.text or "").strip() or said
    return said or " ".join(_row(math, 0).split())


def _row(element: Element, depth: int) -> str:
    return " ".join(_one(child, depth + 1) for child in element)


def _one(element: Element, depth: int) -> str:
    if depth > DEEPEST:
        return ""
    name = str(element.tag)
    if name in ("mi", "mn", "mo"):
        text = "".join(element.itertext()).strip()
        shown = "".join(f"{SYMBOLS[each]} " if each in SYMBOLS else each for each in text)
        return rf"\mathrm{{{shown}}}" if name == "mi" and len(text) > 1 and text.isalpha() else shown
    if name in ("mtext", "ms"):
        plain = "".join(element.itertext()).strip()
        return rf"\text{{{plain}}}" if plain and not set(plain) & set("\\{}$") else ""
    if name in ("annotation", "annotation-xml", "mspace", "mphantom"):
        return ""
    if name in ("mtable", "mtr"):
        ends = r" \\ " if name == "mtable" else " & "
        body = ends.join(_one(child, depth + 1) for child in element)
        return rf"\begin{{matrix}} {body} \end{{matrix}}" if name == "mtable" else body
    return _built(name, [_one(child, depth + 1) for child in element], element)


def _built(name: str, parts: list[str], element: Element) -> str:
    match name, parts:
        case "mfrac", [over, under]:
            return rf"\frac{{{over}}}{{{under}}}"
        case "msup", [base, power]:
            return f"{{{base}}}^{{{power}}}"
        case "msub", [base, index]:
            return f"{{{base}}}_{{{index}}}"
        case (("msubsup" | "munderover"), [base, low, high]):
            return f"{base}_{{{low}}}^{{{high}}}"
        case "munder", [base, low]:
            return f"{base}_{{{low}}}"
        case "mover", [base, mark]:
            return rf"\overline{{{base}}}" if mark.strip() in ("¯", "‾", "_") else rf"\overset{{{mark}}}{{{base}}}"
        case "mroot", [base, degree]:
            return rf"\sqrt[{degree}]{{{base}}}"
        case "msqrt", _:
            return rf"\sqrt{{{' '.join(parts)}}}"
        case "mfenced", _:
            return f"{element.get('open', '(')} {', '.join(parts)} {element.get('close', ')')}"
    return " ".join(parts)
