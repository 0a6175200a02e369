"""The embedder: one pass over a passage's sentences gives its chunk, sentence and token vectors.

Each sentence is encoded once, alone. Its pooled output is the sentence vector,
its token outputs are the token vectors, and the chunk vector is the mean of all
of them and of the heading prefix. That is half the work of encoding chunks and
sentences separately, and no passage is ever cut at the model's window. Reading
several sentences in one window measured no better. The chunk
vector alone ranks a little differently from one encoded whole, so weights of a
scorer have to be chosen with these vectors.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from rag.embeddings import precision, projection, reading, weights
from rag.schemas import ChunkDraft, ChunkVectors, FloatArray, IntArray, QuestionVectors

# Tokens per forward pass: larger batches fall out of the cache of small CPUs, smaller ones are mostly overhead.
_TOKENS_PER_BATCH = 384
_FEWEST_TOKENS = 96
_BATCHES_PER_THREAD = 2  # a short text is cut finer, so that every core has something to do
_QUESTIONS_PER_BATCH = 16
_CHUNKS_PER_ROUND = 256
# Prose, code, a table row, numbers, a question and another language: what lessons hold.
_RANGE_SAMPLE = (
    "In 1963 Kenya became independent; Jomo Kenyatta was its first prime minister.",
    "for number in range(10): print(number ** 2)",
    "| kilo of maize flour | 2.5 | KES 180 |",
    "Habari ya asubuhi, mwalimu? Leo tutajifunza hesabu.",
    "Step 3: connect the sensor to pin D5, then run `pip install -r requirements.txt`.",
    "Which of these words means the same as 'rapid'?",
)
_PARITY_SAMPLE = (
    "A loop repeats its body while the condition holds.",
    "How do I send money without losing it to fraud?",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
)

Progress = Callable[[int, int], None]  # chunks done, chunks in all


@dataclass(frozen=True, slots=True)
class _Segment:
    """One encoded text: `pooled` (dim,), not normalised; `tokens` (pieces, dim); `weight` its length in pieces."""

    pooled: FloatArray
    tokens: FloatArray
    pieces: IntArray
    weight: int


@dataclass(slots=True)
class _Waiting:
    text: str
    result: QuestionVectors | None = None
    error: BaseException | None = None


def load(
    model: str = weights.DEFAULT_MODEL, *, models_dir: Path | None = None, threads: int | None = None
) -> "Embedder":
    """The embedder of `model`, in the fastest precision that this CPU has and that agrees with float32.

    `model` is a name (a folder in `models_dir`, or the default) or a local
    path of a sentence-transformers model with mean or CLS pooling. `threads`
    is how many batches of passages are computed at once, one for each core by
    default. Torch itself is set to one thread in this process. Raises weights.ModelMissing.
    """
    found = weights.folder(model, models_dir=models_dir)
    import torch

    threads = threads or torch.get_num_threads()
    # Threads inside an operation wait for each other after every one: on a busy server a question
    # took a hundred times as long. Whole batches side by side wait for nothing.
    torch.set_num_threads(1)
    read = reading.read(Path(model).name, found)
    ranges: precision.Ranges = {}
    reference = Embedder(read, read.reference(ranges), "float32", threads=threads)
    reference.token_states(_RANGE_SAMPLE)
    expected = reference.token_states(_PARITY_SAMPLE)
    for kind in read.precisions:
        embedder = Embedder(read, read.encoder(kind, ranges), kind, threads=threads)
        if kind == "float32" or _agrees(embedder.token_states(_PARITY_SAMPLE), expected):
            break
    return embedder


def _agrees(states: Sequence[FloatArray], expected: Sequence[FloatArray]) -> bool:
    pooled = [projection.unit(s.mean(axis=0)) for s in states]
    return all(
        float(p @ projection.unit(e.mean(axis=0))) >= precision.FAITHFUL for p, e in zip(pooled, expected, strict=True)
    )


class Embedder:
    """One model in one precision. Safe to use from many threads; made by `load`."""

    def __init__(
        self, model: reading.Model, encoder: reading.Encoder, kind: precision.Precision, *, threads: int
    ) -> None:
        self._model = model
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="embedding")
        self._encoder = encoder
        self._specials = tuple(model.tokenizer.encode("").ids)
        self.dim = model.dim
        self._basis, basis_name = projection.basis(model.name, self.dim)
        self.token_dim = int(self._basis.shape[1])
        self.max_tokens = model.max_tokens
        self.space = f"{model.name}/{kind}/sentences2/{basis_name}-{self.token_dim}"
        self._waiting: list[_Waiting] = []
        self._waiting_lock = threading.Lock()
        self._turn = threading.Lock()

    def count_tokens(self, text: str) -> int:
        """The number of word pieces of `text`, special tokens not counted."""
        return len(self._model.tokenizer.encode(text, add_special_tokens=False).ids)

    def embed_chunks(self, drafts: Sequence[ChunkDraft], progress: Progress | None = None) -> list[ChunkVectors]:
        """The vectors of each draft, in order; nothing is cut, however long a sentence is.

        `progress(done, total)` is called after every round of chunks; what it
        raises ends the work (cancellation).
        """
        out: list[ChunkVectors] = []
        for first in range(0, len(drafts), _CHUNKS_PER_ROUND):
            out += self._embed_round(drafts[first : first + _CHUNKS_PER_ROUND])
            if progress is not None:
                progress(len(out), len(drafts))
        return out

    def embed_question(self, text: str) -> QuestionVectors:
        """The question's vectors. Questions asked at the same moment share one forward pass.

        A question beyond the model's window is read in windows, like a passage.
        """
        mine = _Waiting(text)
        with self._waiting_lock:
            self._waiting.append(mine)
        # Whoever gets the turn answers everyone who was waiting by then.
        with self._turn:
            if mine.result is None and mine.error is None:
                self._answer_waiting(mine)
        if mine.error is not None:
            raise mine.error
        assert mine.result is not None
        return mine.result

    def token_states(self, texts: Sequence[str]) -> list[FloatArray]:
        """Each passage's unit token vectors (pieces, dim) before projection: for choosing a projection."""
        return [projection.unit(s.tokens) for s in self._encode(texts, prompt=self._model.passage_prompt)]

    def _answer_waiting(self, mine: _Waiting) -> None:
        with self._waiting_lock:
            others = [w for w in self._waiting if w is not mine][: _QUESTIONS_PER_BATCH - 1]
            batch = [mine, *others]
            taken = {id(w) for w in batch}
            self._waiting = [w for w in self._waiting if id(w) not in taken]
        try:
            segments = self._encode([w.text for w in batch], prompt=self._model.query_prompt)
            for waiting, segment in zip(batch, segments, strict=True):
                waiting.result = QuestionVectors(
                    dense=projection.unit(segment.pooled), tokens=self._project(segment.tokens), pieces=segment.pieces
                )
        except BaseException as error:  # every waiter must learn of it, or it would wait for nothing
            for waiting in batch:
                waiting.error = error

    def _project(self, tokens: FloatArray) -> FloatArray:
        return projection.unit(projection.unit(tokens) @ self._basis)

    def _embed_round(self, drafts: Sequence[ChunkDraft]) -> list[ChunkVectors]:
        texts = [_segment_texts(draft) for draft in drafts]
        # Prefixes, table rows and boilerplate repeat: each distinct text is encoded once.
        distinct = {text: i for i, text in enumerate(dict.fromkeys(chain(*texts)))}
        segments = self._encode(list(distinct), prompt=self._model.passage_prompt)
        return [self._assemble([segments[distinct[text]] for text in several]) for several in texts]

    def _assemble(self, segments: Sequence[_Segment]) -> ChunkVectors:
        prefix, sentences = segments[0], segments[1:]
        parts = segments if len(prefix.pieces) else sentences
        dense = np.average([s.pooled for s in parts], axis=0, weights=[s.weight for s in parts]).astype(np.float32)
        return ChunkVectors(
            dense=projection.unit(dense),
            sentences=projection.quantised(projection.unit(np.stack([s.pooled for s in sentences]))),
            tokens=projection.quantised(self._project(np.concatenate([s.tokens for s in sentences]))),
            pieces=np.concatenate([s.pieces for s in sentences]),
        )

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [e.ids for e in self._model.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def _encode(self, texts: Sequence[str], *, prompt: str) -> list[_Segment]:
        """Each text's segment, encoded in windows of at most `max_tokens` that are put together again."""
        head = self._ids([prompt])[0] if prompt else []
        bodies = self._ids(texts)
        room = self.max_tokens - len(self._specials) - len(head)
        windows: list[list[int]] = []
        owners: list[int] = []
        for owner, body in enumerate(bodies):
            for start in range(0, max(len(body), 1), room):
                windows.append([self._specials[0], *head, *body[start : start + room], *self._specials[1:]])
                owners.append(owner)
        states: list[list[FloatArray]] = [[] for _ in texts]
        for owner, state in zip(owners, self._forward(windows), strict=True):
            states[owner].append(state)
        tail = len(self._specials) - 1
        return [
            _segment(each, np.array(body, np.int32), 1 + len(head), tail, self._model.pooling)
            for each, body in zip(states, bodies, strict=True)
        ]

    def _forward(self, windows: Sequence[Sequence[int]]) -> list[FloatArray]:
        """The last layer (tokens, dim) of each window; windows of like length share a pass, so little is padding."""
        import torch

        out: list[FloatArray] = [np.empty((0, self.dim), np.float32)] * len(windows)

        def compute(rows: Sequence[int]) -> None:
            ids = np.zeros((len(rows), len(windows[rows[0]])), np.int64)
            mask = np.zeros(ids.shape, np.bool_)
            for i, row in enumerate(rows):
                ids[i, : len(windows[row])] = windows[row]
                mask[i, : len(windows[row])] = True
            # Without a mask attention takes its faster path.
            attention = None if mask.all() else torch.from_numpy(mask)
            with torch.inference_mode():
                values = self._encoder(torch.from_numpy(ids), attention).float().numpy()
            for i, row in enumerate(rows):
                out[row] = values[i, : len(windows[row])]

        batches = list(_batches(windows, threads=self._threads))
        if len(batches) == 1:
            compute(batches[0])
        else:
            list(self._pool.map(compute, batches))
        return out


def _batches(windows: Sequence[Sequence[int]], *, threads: int) -> Iterator[list[int]]:
    """Indexes of the windows, longest first, in groups of at most `_TOKENS_PER_BATCH` padded tokens."""
    order = sorted(range(len(windows)), key=lambda i: -len(windows[i]))
    share = sum(map(len, windows)) // (threads * _BATCHES_PER_THREAD)
    most = min(_TOKENS_PER_BATCH, max(_FEWEST_TOKENS, share))
    start = 0
    while start < len(order):
        size = max(1, most // len(windows[order[start]]))
        yield order[start : start + size]
        start += size


def _segment_texts(draft: ChunkDraft) -> list[str]:
    """The prefix (may be empty), then each sentence; a draft without sentences counts as one."""
    sentences = [draft.text[s.start : s.end] for s in draft.sentences] or [draft.text]
    return [draft.prefix, *sentences]


def _segment(states: list[FloatArray], pieces: IntArray, head: int, tail: int, pooling: str) -> _Segment:
    tokens = np.concatenate([s[head : len(s) - tail] for s in states])
    pooled = np.mean([s[0] for s in states], axis=0) if pooling == "cls" else np.concatenate(states).mean(axis=0)
    return _Segment(pooled=pooled, tokens=tokens, pieces=pieces, weight=sum(len(s) for s in states))
