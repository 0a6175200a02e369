"""Measures how soon an edit is in the answers: from saving a lesson to a retrieval that gives the new sentence.

Each round writes a fact that no lesson holds, saves, and searches as the
assistant does until the sentence is among the passages that an answer is made
from (whether it then answers or refuses is another measure). Embedded, on the sample
course, over HTTP as the editor does.
"""

import time

import httpx

from api.people import DEMO_PASSWORD
from benchmarks import servers
from benchmarks.answers_latency import CALIBRATION_SECONDS, COURSE, demo

Row = tuple[str, str, str]

ROUNDS = 8
GOAL_SECONDS = 3.0
LONGEST_SECONDS = 60.0
ASK_EVERY_SECONDS = 0.1
PASSAGES = 3
INSTRUCTOR = "instructor@example.org"
# Facts unlike each other, or the last edits would be looked for among near copies of themselves.
FACTS = (
    ("The school library in Kisumu lends {} books to its pupils.", "How many books does the library in Kisumu lend?"),
    ("The ferry at Likoni carries {} passengers before noon.", "How many passengers does the Likoni ferry carry?"),
    ("The dairy in Eldoret buys {} litres of milk a day.", "How many litres of milk does the Eldoret dairy buy?"),
    ("A greenhouse near Naivasha holds {} rose plants.", "How many rose plants are in the greenhouse at Naivasha?"),
    ("The railway to Suswa crosses {} metres of bridges.", "How many metres of bridges does the Suswa railway cross?"),
    ("Garissa's market has {} stalls for camel traders.", "How many stalls for camel traders are in Garissa?"),
    ("The radio mast on Longonot is heard in {} villages.", "In how many villages is the mast on Longonot heard?"),
    ("The tea factory at Kericho dries {} kilos of leaves.", "How many kilos of leaves does the Kericho factory dry?"),
)


def run() -> list[Row]:
    """Seconds from saving an edit to a retrieval that gives it to the answerer."""
    with demo({}) as (port, pid), httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=120) as client:
        servers.settle(servers.family(pid), longest=CALIBRATION_SECONDS)
        tokens = client.post("/auth/login", json={"email": INSTRUCTOR, "password": DEMO_PASSWORD}).raise_for_status()
        client.headers["Authorization"] = f"Bearer {tokens.json()['access_token']}"
        course = client.get(f"/courses/{COURSE}").raise_for_status().json()
        lessons = [lesson["id"] for module in course["modules"] for lesson in module["lessons"]]
        took = sorted(_round(client, lessons[number % len(lessons)], number) for number in range(ROUNDS))
    middle, worst = took[len(took) // 2], took[-1]
    return [
        ("from saving an edit to answers that use it", f"p95 {worst:.1f} s", f"< {GOAL_SECONDS:.0f} s"),
        ("  the same, p50", f"{middle:.1f} s", ""),
    ]


def _round(client: httpx.Client, lesson_id: str, number: int) -> float:
    """Seconds until retrieval gives the sentence that was just written."""
    lesson = client.get(f"/lessons/{lesson_id}/source").raise_for_status().json()
    statement, question = FACTS[number % len(FACTS)]
    fact = statement.format(4100 + 37 * number)
    begun = time.perf_counter()
    edit = {
        "base_version": lesson["version"],
        "body": f"{lesson['body'].rstrip()}\n\n## Seen in round {number}\n\n{fact}\n",
    }
    client.put(f"/lessons/{lesson_id}", json=edit).raise_for_status()
    while time.perf_counter() - begun < LONGEST_SECONDS:
        found = client.get(f"/courses/{COURSE}/assistant/search", params={"q": question}).raise_for_status().json()
        if any(fact in passage["text"] for passage in found["items"][:PASSAGES]):
            return time.perf_counter() - begun
        time.sleep(ASK_EVERY_SECONDS)
    raise RuntimeError(f"no search found the edit of lesson {lesson_id} within {LONGEST_SECONDS:.0f} s")
