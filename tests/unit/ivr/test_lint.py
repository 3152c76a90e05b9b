"""What ``flow lint`` finds, each with a flow that has just that fault."""

from collections.abc import Collection

import pytest

from contacts.readability import is_hard, lix, sends_to_the_web, turns_away
from core.language import Language
from ivr import graph
from ivr.flow import Want
from ivr.flow_file import load_book
from ivr.lint import Severity, Surroundings, lint
from ivr.wording import SYSTEM_WORDINGS, Wordings
from ivr.wording_file import load_wordings
from tests.unit.ivr.shipped import BENEFITS, book

FLOW = """
flow: main
start: menu
human: human
nodes:
  menu:
    kind: menu
    choices:
      - {key: "1", say: talk, next: human}
      - {key: "2", say: payment_choice, queue: allmant, next: ask}
  ask:
    kind: inquire
    inquiry: calendar
    results:
      found: {answer: information, next: menu}
      none: {say: [sorry], next: menu}
  human:
    kind: human
    queue: allmant
    closed: {say: [closed], next: bye}
  bye: {kind: end, say: [goodbye]}
"""

WORDING = {
    "talk": "Tala med oss: tryck {key}.",
    "payment_choice": "Pengar: tryck {key}.",
    "sorry": "Tyvärr inte.",
    "closed": "Vi öppnar {opens_on}.",
}


def findings(flow: str = FLOW, *, around: Surroundings | None = None, english: bool = True, **changed: str):
    texts = {**dict.fromkeys(SYSTEM_WORDINGS, "Hej."), **WORDING, **changed}
    lines = "\n".join(f"  {key}: {text!r}" for key, text in texts.items())
    files = {"sv.yaml": f"language: sv\nwording:\n{lines}"}
    if english:
        files["en.yaml"] = f"language: en\nwording:\n{lines}"
    made = load_book({"main.yaml": flow}, wordings=load_wordings(files), benefits=BENEFITS)
    return [finding for finding in lint(made, around) if finding.severity is not Severity.INFO]


def test_a_good_flow_has_no_findings() -> None:
    assert findings() == []


TO_ENGLISH = FLOW.replace(
    "    choices:\n", '    choices:\n      - {key: "8", say: english, only: sv, language: en, next: menu}\n'
)


def test_a_choice_of_a_language_needs_its_words_in_that_language_only() -> None:
    made = load_book({"main.yaml": TO_ENGLISH}, wordings=texts_in(sv={}, en={"english": "English: press {key}."}))
    assert [one for one in lint(made) if one.severity is Severity.ERROR] == []


def test_a_choice_of_a_language_without_words_in_it_is_found_and_so_are_words_that_nobody_hears() -> None:
    made = load_book({"main.yaml": TO_ENGLISH}, wordings=texts_in(sv={"english": "Engelska: tryck {key}."}, en={}))
    told = {(one.severity, one.text) for one in lint(made) if "english" in (one.text + one.field)}
    assert told == {
        (Severity.ERROR, "the wording english is missing in en"),
        (Severity.WARNING, "no flow says this"),
    }


def texts_in(**more: dict[str, str]) -> Wordings:
    common = {**dict.fromkeys(SYSTEM_WORDINGS, "Hej."), **WORDING}
    return load_wordings(
        {
            f"{language}.yaml": f"language: {language}\nwording:\n"
            + "\n".join(f"  {key}: {text!r}" for key, text in {**common, **own}.items())
            for language, own in more.items()
        }
    )


FAULTS = [
    # an unknown node
    (("next: ask}", "next: aks}"), "main/menu", "choices.1.next", "no node main/aks"),
    # an unknown start
    (("start: menu", "start: meny"), "", "start", "no node main/meny"),
    # an unknown human
    (("human: human\n", "human: nobody\n"), "", "human", "no node main/nobody"),
    # a node that nobody comes to
    (("next: ask}", "next: human}"), "main/ask", "", "no call can come here"),
    # a dead end: a result that nothing follows
    (("      none: {say: [sorry], next: menu}\n", ""), "main/ask", "results.none", "dead end"),
    # a result that never comes
    (("none: {say", "maybe: {say"), "main/ask", "results.maybe", "never has this result"),
    # a key twice
    (('key: "2"', 'key: "1"'), "main/menu", "choices", "key 1 is there twice"),
    # an unknown wording
    (("say: talk", "say: walk"), "main/menu", "choices.0.say", "wording walk is missing"),
    # a choice that does not say its key
    (("say: talk", "say: sorry"), "main/menu", "choices.0.say", "does not say which key"),
    # a field that nothing fills in here
    (("say: [sorry]", "say: [closed]"), "main/ask", "results.none.say", "opens_on that nothing fills in"),
]


@pytest.mark.parametrize(("change", "node", "field", "says"), FAULTS)
def test_a_fault_is_named_by_file_node_and_field(change: tuple[str, str], node: str, field: str, says: str) -> None:
    assert change[0] in FLOW
    found = findings(FLOW.replace(*change))
    matching = [one for one in found if one.node == node and one.field == field and says in one.text]
    assert matching, found
    assert matching[0].file == "main.yaml"


TIMES = FLOW.replace("next: ask}", "next: find}").replace(
    "  ask:\n",
    """  find:
    kind: inquire
    inquiry: times
    results:
      found: {next: pick}
      none: {next: ask}
  pick:
    kind: times
    next: ask
    choices: [{key: "5", say: talk, next: human}]
  ask:
""",
)


def test_a_choice_of_times_is_a_menu_with_keys_of_its_own() -> None:
    assert findings(TIMES) == []
    taken = findings(TIMES.replace('[{key: "5"', '[{key: "4"'))
    assert [(one.node, one.text) for one in taken] == [("main/pick", "the keys 1 to 4 and 7 are for the times")]


def test_a_menu_that_is_left_at_the_first_silence_has_to_say_where_to() -> None:
    found = findings(FLOW.replace("    kind: menu\n", "    kind: menu\n    once: true\n", 1))
    assert [(one.node, one.field) for one in found] == [("main/menu", "once")]


SENT_AWAY = "silence ends a call that has brought no answer: leave it out, and a human helps"
SILENT = FLOW.replace("    kind: menu\n", "    kind: menu\n    otherwise: bye\n", 1)
SAYS = FLOW.replace("next: ask}", "next: told}").replace(
    "  ask:\n", "  told: {kind: say, say: [sorry], next: more}\n  more:\n    kind: menu\n    otherwise: bye\n"
    '    choices: [{key: "1", say: talk, next: ask}]\n  ask:\n'
)  # fmt: skip


def sent_away(flow: str) -> list[str]:
    return [one.node for one in findings(flow) if (one.field, one.text) == ("otherwise", SENT_AWAY)]


def test_a_caller_who_is_sent_away_by_silence_with_no_answer_is_found() -> None:
    assert sent_away(FLOW) == []
    assert sent_away(SILENT) == ["main/menu"]
    # on the way to the end are nodes where nobody is asked
    by_way = SILENT.replace("otherwise: bye", "otherwise: when").replace(
        "  bye:", "  when: {kind: hours, results: {open: {next: human}, closed: {next: bye}}}\n  bye:"
    )
    assert sent_away(by_way) == ["main/menu"]


def test_after_an_answer_or_what_was_said_to_whoever_chose_it_silence_may_end_a_call() -> None:
    after_answer = FLOW.replace("answer: information, next: menu", "answer: information, next: more").replace(
        "  human:\n",
        '  more:\n    kind: menu\n    otherwise: bye\n    choices: [{key: "1", say: talk, next: human}]\n  human:\n',
    )
    assert sent_away(after_answer) == []
    assert sent_away(after_answer.replace("none: {say: [sorry], next: menu}", "none: {say: [sorry], next: more}")) == [
        "main/more"
    ]
    assert sent_away(SAYS) == []
    assert sent_away(SAYS.replace("start: menu", "start: told")) == ["main/more"]


def test_while_closed_silence_may_end_a_call_where_the_wish_to_be_rung_back_is_offered() -> None:
    asks = """  wish:
    kind: menu
    otherwise: bye
    choices: [{key: "1", say: talk, next: promise}]
  promise:
    kind: callback
    number: caller
    results:
      promised: {next: bye}
      already: {next: bye}
      not_possible: {next: human}
      failed: {next: human}
"""
    closed = FLOW.replace("closed: {say: [closed], next: bye}", "closed: {say: [closed], next: wish}") + asks
    assert sent_away(closed) == []
    assert sent_away(closed.replace("say: payment_choice, queue: allmant, next: ask", "say: talk, next: wish")) == [
        "main/wish"
    ], "while we are open a human answers"
    assert sent_away(closed.replace("talk, next: promise", "talk, next: ask")) == ["main/wish"], "nothing is offered"


def test_where_nine_leads_has_to_be_there() -> None:
    found = findings(FLOW.replace("{answer: information, next: menu}", "{next: menu, again: nowhere}"))
    assert [(one.node, one.field) for one in found] == [("main/ask", "results.found.again")]


def test_what_is_said_in_the_line_needs_its_words() -> None:
    invited = FLOW.replace("    closed: {say", "    invitation: {say: [come]}\n    closed: {say")
    assert any(one.field == "invitation.say" and "come is missing" in one.text for one in findings(invited))


def test_a_loop_without_an_exit_is_found() -> None:
    loop = FLOW.replace("      found: {answer: information, next: menu}", "      found: {answer: x, next: ask}")
    loop = loop.replace("none: {say: [sorry], next: menu}", "none: {say: [sorry], next: ask}")
    assert any(one.node == "main/ask" and "loop without an exit" in one.text for one in findings(loop))


def test_a_human_who_is_three_choices_away_is_found() -> None:
    far = FLOW.replace("human: human\n", "human: one\n", 1) + "".join(
        f"  {name}:\n    kind: menu\n    choices: [{{key: '1', say: talk, next: {target}}}]\n"
        for name, target in (("one", "two"), ("two", "three"), ("three", "human"))
    )
    far = far.replace("say: talk, next: human}\n      - {key", "say: talk, next: one}\n      - {key")
    found = [one for one in findings(far) if "more than two choices away" in one.text]
    assert {one.node for one in found} >= {"main/menu", "main/one"}
    assert "main/three" not in {one.node for one in found}


NOBODY = {Language.SWEDISH: "nobody has allmant (level 1)", Language.ENGLISH: "nobody has engelska (level 1)"}


def in_queues(unserved: dict[str, dict[Language, str]], *, opens: bool = True, flow: str = FLOW):
    return findings(flow, around=Surroundings(unserved=unserved, opens=opens))


def test_a_queue_that_there_is_not_and_one_that_nobody_can_serve_are_found() -> None:
    assert any("no queue allmant" in one.text for one in in_queues({}))
    unserved = in_queues({"allmant": {Language.SWEDISH: NOBODY[Language.SWEDISH]}})
    text = "no agent can serve the queue allmant in sv: nobody has allmant (level 1)"
    assert {(one.field, one.text) for one in unserved} == {("queue", text), ("choices.1.queue", text)}
    assert in_queues({"allmant": {}}) == []


def test_a_queue_is_looked_at_in_each_language_that_a_caller_can_choose_and_in_no_other() -> None:
    texts = texts_in(sv={}, en={"english": "English: press {key}."})
    offered = load_book({"main.yaml": TO_ENGLISH}, wordings=texts)
    only_english = {"allmant": {Language.ENGLISH: NOBODY[Language.ENGLISH]}}
    found = {one.text for one in lint(offered, Surroundings(unserved=only_english)) if one.severity is Severity.ERROR}
    assert found == {"no agent can serve the queue allmant in en: nobody has engelska (level 1)"}
    assert in_queues(only_english) == [], "this flow speaks Swedish only"


def test_a_queue_that_no_flow_names_is_looked_at_too() -> None:
    found = in_queues({"allmant": {}, "bostad": {Language.SWEDISH: "nobody has bostad (level 2)"}})
    assert [(one.severity, one.file, one.field) for one in found] == [(Severity.ERROR, "config/queues.yaml", "bostad")]


def test_callers_whom_nobody_can_serve_for_what_they_need_are_found_where_that_is_said() -> None:
    def unserved(_queue: str, wants: Collection[Want]) -> dict[Language, str]:
        names = {want.skill for want in wants}
        return {Language.SWEDISH: "nobody has both"} if names >= {"partner", "chef"} else {}

    def found(flow: str, **entry_points: tuple[Want, ...]) -> set[tuple[str, str, str]]:
        around = Surroundings(unserved={"allmant": {}}, unserved_with=unserved, entry_points=entry_points)
        return {(one.file, one.node, one.field) for one in findings(flow, around=around) if "for this" in one.text}

    choosing = FLOW.replace("say: talk, next", "say: talk, needs: [{skill: chef}], next")
    waiting = FLOW.replace("    queue: allmant\n", "    queue: allmant\n    needs: [{skill: chef, level: 2}]\n")
    partner, both = (Want("partner"),), (Want("partner"), Want("chef"))
    assert found(FLOW, one=(), partner=partner) == found(choosing, one=()) == set()
    assert found(FLOW, one=(), boss=both) == {("config/opening_hours.yaml", "", "boss: needs")}
    assert found(choosing, one=(), partner=partner) == {("main.yaml", "main/menu", "choices.0.needs")}
    assert found(waiting, one=(), partner=partner) == {("main.yaml", "main/human", "needs")}


def test_when_no_number_ever_opens_that_is_said_and_no_skill_is_blamed() -> None:
    [found] = in_queues({"allmant": NOBODY}, opens=False)
    assert (found.severity, found.file, found.field) == (
        Severity.ERROR, "config/opening_hours.yaml", "entry_points",
    )  # fmt: skip
    assert "no number opens" in found.text


def test_a_benefit_that_no_menu_leads_to_is_found() -> None:
    assert any(one.field == "barnbidrag" for one in findings(around=Surroundings(benefits=["barnbidrag"])))


def test_a_wording_that_is_missing_in_a_language_is_found() -> None:
    assert any("missing in en" in one.text for one in findings(english=False))


def test_a_wording_that_nobody_says_is_found() -> None:
    assert [(one.severity, one.field) for one in findings(unused="Hej.")] == [(Severity.WARNING, "unused")] * 2


def test_a_system_wording_with_an_unknown_field_is_found() -> None:
    assert any(one.field == "goodbye" and "agent" in one.text for one in findings(goodbye="Hej {agent}."))


def test_nobody_is_asked_to_call_another_time() -> None:
    assert any("another time" in one.text for one in findings(goodbye="Alla är upptagna. Ring igen senare."))


def test_no_node_only_sends_people_to_the_web() -> None:
    found = findings(goodbye="Läs mer på vår webbplats. Hej då.")
    assert any(one.node == "main/bye" and "sends people to the web" in one.text for one in found)


def test_values_that_another_inquiry_would_lose_are_found() -> None:
    lost = FLOW.replace("next: bye}", "next: ask}")
    assert any("opens_on would be lost" in one.text for one in findings(lost))


def test_prompts_without_a_recording_are_only_worth_knowing() -> None:
    made = lint(book(), Surroundings(recordings={(Language.SWEDISH, "welcome")}))
    missing = {(one.file, one.field) for one in made if one.severity is Severity.INFO}
    assert ("config/wording/en.yaml", "welcome") in missing
    assert ("config/wording/sv.yaml", "welcome") not in missing
    assert ("config/wording/sv.yaml", "payment") not in missing, "a text with values is always synthesised"


def test_what_we_ship_has_no_findings() -> None:
    around = Surroundings(unserved={queue: {} for queue in BENEFITS}, benefits=["barnbidrag", "sjukpenning"])
    assert lint(book(), around) == ()


def test_a_human_is_at_most_two_choices_away_from_every_node_that_we_ship() -> None:
    assert max(graph.choices_to_human(book()).values()) <= 2


def test_the_drawings_name_every_node() -> None:
    for name, _node in book().nodes():
        assert name.replace("/", "__") in graph.mermaid(book())
        assert f'"{name}"' in graph.dot(book())


def test_lix_is_words_a_sentence_and_the_share_of_long_words() -> None:
    assert lix("Vi ringer dig. Vänta kvar.") == 2.5
    assert lix("Utbetalningen kommer senare.") == 3 + 100 * 1 / 3
    assert is_hard(
        "Handläggningen av ansökningar avseende bostadstillägg förutsätter kompletterande inkomstuppgifter "
        "beträffande samtliga hushållsmedlemmar under innevarande kalenderår."
    )
    assert not is_hard("Bostadstillägg.")


@pytest.mark.parametrize(
    "text", ["Ring igen senare.", "Vänligen försök igen senare", "Please call back later.", "All lines are busy."]
)
def test_turning_somebody_away_is_recognised(text: str) -> None:
    assert turns_away(text)


@pytest.mark.parametrize("text", ["Vi ringer upp dig.", "Vi ringer upp dig senare i dag.", "Stanna kvar.", "We call."])
def test_a_promise_is_not_turning_away(text: str) -> None:
    assert not turns_away(text)


@pytest.mark.parametrize("text", ["Se forsakringskassan.se", "Logga in på Mina sidor.", "Visit our website."])
def test_the_web_is_recognised(text: str) -> None:
    assert sends_to_the_web(text)
