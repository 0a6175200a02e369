"""Makes rag/embeddings/token_basis.npz: the principal axes of token vectors of open benchmark text.

Uncentred PCA (the eigenvectors of the second-moment matrix), so that inner
products are kept as well as an orthonormal projection can.
Run: python -m benchmarks.token_basis
"""

import random
from pathlib import Path

import numpy as np

from benchmarks import datasets
from rag import embeddings
from rag.embeddings import projection, weights

PASSAGES = 400


def main() -> None:
    """Embed a fixed sample of SQuAD's visible passages and write the basis (numbers only, no text)."""
    drafts = list(datasets.squad().drafts)
    random.Random(7).shuffle(drafts)
    sentences = [d.text[s.start : s.end] for d in drafts[:PASSAGES] for s in d.sentences]
    states = np.concatenate(embeddings.load().token_states(sentences))
    values, axes = np.linalg.eigh(states.T @ states / len(states))
    kept = axes[:, ::-1][:, : projection.TOKEN_DIM]
    out = Path(projection.__file__).with_name("token_basis.npz")
    np.savez_compressed(out, basis=kept.astype(np.float16), model=weights.DEFAULT_MODEL)
    share = values[::-1][: projection.TOKEN_DIM].sum() / values.sum()
    print(
        f"{len(states)} tokens; {projection.TOKEN_DIM} of {len(values)} axes keep {share:.1%} of the energy; {out.name}"
    )


if __name__ == "__main__":
    main()
