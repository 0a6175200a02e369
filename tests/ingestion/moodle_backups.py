"""A small backup as Moodle 4 writes it: one section, eight activities, nine questions, a hidden label and a user."""

from tests.ingestion.packages import Files


def moodle_question(number: int, kind: str, own: str, text: str = "What?") -> str:
    return (
        f'<question id="{number}"><parent>0</parent><name>Q{number}</name><questiontext>&lt;p&gt;{text}&lt;/p&gt;'
        f"</questiontext><questiontextformat>1</questiontextformat><defaultmark>2</defaultmark><qtype>{kind}</qtype>"
        f"<plugin_qtype_{kind}_question>{own}</plugin_qtype_{kind}_question></question>"
    )


def answers(*given: tuple[str, float], feedback: str = "") -> str:
    listed = "".join(
        f'<answer id="{at}"><answertext>{text}</answertext><answerformat>0</answerformat>'
        f"<fraction>{fraction}</fraction><feedback>{feedback}</feedback></answer>"
        for at, (text, fraction) in enumerate(given, 1)
    )
    return f"<answers>{listed}</answers>"


MOODLE_QUESTIONS = [
    moodle_question(1, "multichoice", answers(("a", 1.0), ("b", 0.5), ("c", 0))
                    + "<multichoice><single>1</single></multichoice>"),
    moodle_question(2, "shortanswer", answers(("clay", 1.0), ("mu*d", 1.0))
                    + "<shortanswer><usecase>1</usecase></shortanswer>"),
    moodle_question(3, "numerical", answers(("3.5", 1.0)) + "<numerical_records><numerical_record><answer>1</answer>"
                    "<tolerance>0.5</tolerance></numerical_record></numerical_records>"),
    moodle_question(4, "match", "<matches>" + "".join(
        f'<match id="{n}"><questiontext>{left_}</questiontext><answertext>{right}</answertext></match>'
        for n, (left_, right) in enumerate([("ox", "calf"), ("hen", "chick"), ("", "pup")])) + "</matches>"),
    moodle_question(5, "gapselect", answers(("sun", 1), ("moon", 1), feedback="1"), "By [[2]] or [[1]]"),
    moodle_question(6, "multianswer", "<multianswer><sequence>7</sequence></multianswer>", "Say {#1}."),
    moodle_question(7, "shortanswer", answers(("yes", 1.0))).replace("<parent>0", "<parent>6"),
    moodle_question(8, "calculated", answers(("{a}", 1.0))),
    moodle_question(9, "ddwtos", answers(("big", 1), ("red", 1)), "A [[1]] dog"),
]  # fmt: skip


# Context, component and name of the files that the backup lists.
USED = [(10, "mod_page", "w.png"), (80, "mod_resource", "map.pdf"), (5, "user", "face.png")]


def moodle_backup() -> Files:
    kinds = ["page", "book", "label", "url", "assign", "quiz", "forum", "resource"]
    texts: dict[str, str] = {
        "page": '<content>&lt;p&gt;Dig &lt;img src="@@PLUGINFILE@@/w.png"&gt; '
        '&lt;a href="$@URLVIEWBYID*4@$"&gt;x&lt;/a&gt;'
        "&lt;/p&gt;</content><contentformat>1</contentformat>",
        "book": '<chapters><chapter id="1"><pagenum>1</pagenum><subchapter>0</subchapter><title>Sand</title>'
        '<content>Dry</content></chapter>'
        '<chapter id="2"><pagenum>2</pagenum><subchapter>1</subchapter><title>Silt</title>'
        "<content>Fine</content></chapter></chapters>",
        "label": "<intro>&lt;b&gt;Look&lt;/b&gt;</intro><introformat>1</introformat>",
        "url": "<externalurl>https://wells.example</externalurl>",
        "assign": "<intro>Draw a well</intro><grade>40</grade><duedate>1700000000</duedate>"
        "<plugin_configs><plugin_config><plugin>file</plugin><subtype>assignsubmission</subtype><name>enabled</name><value>1</value></plugin_config>"
        "</plugin_configs>",
        "quiz": "<intro></intro><timelimit>60</timelimit><question_instances>" + "".join(
            f"<question_instance><slot>{n}</slot><maxmark>3</maxmark><question_reference><questionbankentryid>{n}"
            "</questionbankentryid><version>$@NULL@$</version></question_reference></question_instance>"
            for n in (1, 2, 3, 4, 5, 6, 8)) + "<question_instance><slot>9</slot><question_set_reference>"
            '<filtercondition>{"questioncategoryid":"2"}</filtercondition></question_set_reference></question_instance>'
            "</question_instances>",
        "forum": "<intro>&lt;p&gt;Talk about wells&lt;/p&gt;</intro><introformat>1</introformat>",
        "resource": "<intro></intro>",
    }  # fmt: skip
    files: Files = {}
    listed = ""
    for at, kind in enumerate(kinds, 1):
        folder = f"activities/{kind}_{at}"
        listed += (
            f"<activity><moduleid>{at}</moduleid><sectionid>1</sectionid><modulename>{kind}</modulename>"
            f"<title>The {kind}</title><directory>{folder}</directory></activity>"
        )
        files[f"{folder}/module.xml"] = f"<module><visible>{int(kind != 'label')}</visible></module>"
        files[f"{folder}/{kind}.xml"] = f'<activity contextid="{at}0"><{kind} id="1">{texts[kind]}</{kind}></activity>'
    entries = "".join(
        f'<question_bank_entry id="{n}"><question_version><question_versions><questions>{question}</questions>'
        "</question_versions></question_version></question_bank_entry>"
        for n, question in enumerate(MOODLE_QUESTIONS[:8], 1)
    )
    drawn = f'<question_category id="2"><questions>{MOODLE_QUESTIONS[8]}</questions></question_category>'
    digest = "a" * 40
    sections = "<section><sectionid>1</sectionid><title>1</title><directory>sections/section_1</directory></section>"
    return files | {
        "moodle_backup.xml": "<moodle_backup><information><original_course_id>7</original_course_id><contents>"
        f"<activities>{listed}</activities><sections>{sections}</sections></contents></information></moodle_backup>",
        "sections/section_1/section.xml": "<section><number>1</number><name>Water</name><summary>All of it</summary>"
        "<sequence>2,1</sequence><visible>1</visible></section>",
        "course/course.xml": "<course><fullname>Wells</fullname><lang>sw</lang><summary></summary></course>",
        "questions.xml": f'<question_categories><question_category id="1"><question_bank_entries>{entries}'
        f"</question_bank_entries></question_category>{drawn}</question_categories>",
        "users.xml": "<users><user><username>asha</username></user></users>",
        "files.xml": "<files>" + "".join(
            f"<file><contenthash>{digest}</contenthash><contextid>{context}</contextid>"
            f"<component>{component}</component><filearea>content</filearea><itemid>0</itemid><filepath>/</filepath><filename>{name}</filename></file>"
            for context, component, name in USED
        ) + "</files>",
        f"files/aa/{digest}": b"bytes",
    }  # fmt: skip
