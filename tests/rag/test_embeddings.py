"""The embedder: faithful vectors, nothing cut, one answer whether asked alone or in a crowd."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag import embeddings
from rag.embeddings import Embedder, ModelMissing, precision, projection
from rag.schemas import ChunkDraft, Sentence


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return embeddings.load()


def draft(sentences: list[str], prefix: str = "") -> ChunkDraft:
    text, spans, at = "\n".join(sentences), [], 0
    for sentence in sentences:
        spans.append(Sentence(at, at + len(sentence), "paragraph"))
        at += len(sentence) + 1
    digest = hashlib.sha256(text.encode()).hexdigest()
    return ChunkDraft(0, text, prefix, tuple(spans), (), None, None, None, digest)


def test_shapes_and_unit_length(embedder: Embedder) -> None:
    [vectors] = embedder.embed_chunks([draft(["A loop repeats.", "A function returns a value."], "Python > Loops")])
    assert vectors.dense.shape == (embedder.dim,)
    assert np.linalg.norm(vectors.dense) == pytest.approx(1, abs=1e-5)
    assert vectors.sentences.shape == (2, embedder.dim)
    assert vectors.tokens.shape == (len(vectors.pieces), embedder.token_dim)
    assert len(vectors.pieces) == embedder.count_tokens("A loop repeats.") + embedder.count_tokens(
        "A function returns a value."
    )
    lengths = np.linalg.norm(vectors.tokens.astype(np.float32) / 127, axis=1)
    assert np.all(np.abs(lengths - 1) < 0.05)


def test_agrees_with_the_published_model(embedder: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    from rag.embeddings import weights

    texts = ["A loop repeats its body.", "Money is sent with a phone.", "Plants make sugar from light."]
    published = SentenceTransformer(str(weights.folder(weights.DEFAULT_MODEL, models_dir=None)), device="cpu")
    expected = published.encode(texts, normalize_embeddings=True)
    ours = np.stack([embedder.embed_question(text).dense for text in texts])
    assert np.all((ours * expected).sum(axis=1) >= precision.FAITHFUL)


def test_the_right_sentence_is_nearest(embedder: Embedder) -> None:
    sentences = ["Plants need light.", "A variable is a name for a value.", "The bus leaves at noon."]
    [vectors] = embedder.embed_chunks([draft(sentences)])
    scores = vectors.sentences @ embedder.embed_question("What is a variable in a program?").dense
    assert int(np.argmax(scores)) == 1


def test_nothing_is_cut_at_the_window(embedder: Embedder) -> None:
    long = " ".join(f"word{i}" for i in range(600))
    [vectors] = embedder.embed_chunks([draft([long])])
    assert len(vectors.pieces) == embedder.count_tokens(long) > embedder.max_tokens
    assert len(embedder.embed_question(long).pieces) == len(vectors.pieces)


@pytest.mark.parametrize("text", ["", " ", "🦁", "\x00\x07", "שלום עולם", "中文。"])
def test_odd_text_still_has_a_vector(embedder: Embedder, text: str) -> None:
    assert np.linalg.norm(embedder.embed_question(text).dense) == pytest.approx(1, abs=1e-5)
    [vectors] = embedder.embed_chunks([draft([text])])
    assert np.isfinite(vectors.dense).all()


def test_a_crowd_gets_the_answers_each_would_get_alone(embedder: Embedder) -> None:
    questions = [f"How does step {i} of the plan work?" for i in range(20)]
    alone = [embedder.embed_question(q).dense for q in questions]
    with ThreadPoolExecutor(20) as pool:
        together = [v.dense for v in pool.map(embedder.embed_question, questions)]
    assert all(float(a @ b) > 0.98 for a, b in zip(alone, together, strict=True))
    assert all(int(np.argmax([float(a @ b) for a in alone])) == i for i, b in enumerate(together))


def test_progress_counts_chunks_and_may_cancel(embedder: Embedder) -> None:
    seen: list[tuple[int, int]] = []
    embedder.embed_chunks([draft(["One."]), draft(["Two."])], lambda done, total: seen.append((done, total)))
    assert seen[-1] == (2, 2)

    def cancel(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        embedder.embed_chunks([draft(["One."])], cancel)


def test_an_absent_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="MWALIMU_EMBEDDING_MODEL"):
        embeddings.load("no-such-model", models_dir=tmp_path)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("sse avx2", ("float32",)), ("avx512_vnni", ("int8", "float32")), ("amx_bf16 avx_vnni", ("bfloat16", "float32"))],
)
def test_precision_follows_the_cpu(tmp_path: Path, flags: str, expected: tuple[str, ...]) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\nflags : {flags}\n")
    assert precision.candidates(cpuinfo) == expected


def test_the_token_basis_is_orthonormal() -> None:
    basis, _ = projection.basis("all-MiniLM-L6-v2", 384)
    assert np.allclose(basis.T @ basis, np.eye(projection.TOKEN_DIM), atol=1e-2)
