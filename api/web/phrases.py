"""Phrases of the interface, put into a template while it is compiled.

A template is compiled once for each language, so a phrase without variables is
known by then; looked up at every rendering, a hundred of them cost more than
the rest of a page.
"""

from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import TOKEN_LPAREN, TOKEN_NAME, TOKEN_PIPE, TOKEN_RPAREN, TOKEN_STRING, Token, TokenStream

CALL = (TOKEN_NAME, TOKEN_LPAREN, TOKEN_STRING, TOKEN_RPAREN)


class Phrases(Extension):
    """Turns `_("phrase")` into `"its translation"|safe`, which is what the call gives back.

    The environment's `phrases` is the catalogue of its language.
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens of a template, its plain phrases translated."""
        return _translated(list(stream), self.environment.phrases.gettext)


def _translated(tokens: list[Token], gettext) -> Iterator[Token]:  # type: ignore[no-untyped-def]
    place = 0
    while place < len(tokens):
        token, four = tokens[place], tokens[place : place + 4]
        if token.value == "_" and tuple(each.type for each in four) == CALL:
            # Filled in without any variables, so that %% reads as % as it does at rendering.
            yield Token(token.lineno, TOKEN_STRING, gettext(four[2].value) % {})
            yield Token(token.lineno, TOKEN_PIPE, "|")
            yield Token(token.lineno, TOKEN_NAME, "safe")
            place += 4
        else:
            yield token
            place += 1
