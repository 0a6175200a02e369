"""Every number that ranking depends on, in one place.

The four weights of F and the use of feedback were compared by hand on samples
of SQuAD, on AfriQA and on Cranfield; `benchmarks/retrieval.py` measures the
result on the same sets. Not swept: the BM25 constants (usual values), the
FOREIGN_* scale (reasoned, not fitted) and most feedback constants (from the
literature's usual range).
"""

BM25_K1 = 1.2
BM25_B = 0.75
BM25_AVERAGE_TERMS = 80.0  # terms in a passage of about 150 words

# F = .75 V + .5 S + 1 Tw + .3 Bn, a plain sum
CHUNK_COSINE = 0.75  # V: cosine with the passage
SENTENCE_COSINE = 0.5  # S: best cosine with one of its sentences
TOKEN_MAXSIM = 1.0  # Tw: idf-weighted late interaction over word pieces
BM25_MASS = 0.3  # Bn: BM25 over the idf mass of the question

# Feedback for long questions: the first passages lend their words and their direction
FEEDBACK_LEAST_TERMS = 6  # content terms; shorter questions drift
FEEDBACK_GATE = (0.1, 0.3)  # best Bn where feedback begins and where it is whole
FEEDBACK_PASSAGES = 5
FEEDBACK_SHARPNESS = 8.0  # softmax over the passages' F
FEEDBACK_TERMS = 20
FEEDBACK_TERM_WEIGHT = 0.6
FEEDBACK_KEPT_BM25 = 0.7  # share of Bn that stays
FEEDBACK_DIRECTION = 0.5  # share of the passages in the moved question vector

# A question in a language the model does not read: words decide, cosines break ties
FOREIGN_BM25 = 1.0
FOREIGN_LATIN_COSINE = 0.2
FOREIGN_SCRIPT_COSINE = 0.0
# Lexical scores mapped on F's scale, so that lessons in two languages rank in one list
FOREIGN_OFFSET = 0.9
FOREIGN_SLOPE = 1.2

# Sentences: how well each answers, relative to the others of all hits
SENTENCES_OF_HITS = 10  # further hits are not quoted: their sentences keep cosine and standing
SENTENCE_OWN_COSINE = 0.5
SENTENCE_MAXSIM = 1.0
SENTENCE_COVERAGE = 0.6
SENTENCE_PASSAGE = 1.0
