"""Everything that is recorded as activity has words for people."""

import re

from tests.architecture.test_sizes import ROOT

from meterdesk.config.words import AREAS, WORDS


def test_every_verb_of_the_activity_log_has_words() -> None:
    verbs = {
        verb
        for path in (ROOT / "src").rglob("*.py")
        if "tests" not in path.parts
        for verb in re.findall(r'\bverb="([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(verbs) > 60
    assert verbs - set(WORDS) == set()
    assert {verb.split(".")[0] for verb in verbs} <= set(AREAS)
