"""What the model will be sent about an item, to the letter."""

import json

from pipelines.feature import Feature
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.provider import Preview
from pipelines.judging.providers.anthropic.asking import Asker
from pipelines.judging.ruler import Rubric, Ruler


def previews(feature: Feature, rubric: Rubric, item: Item) -> list[Preview]:
    """The request of each criterion: settings, system prompt and message."""
    asker = Asker(feature.judge)
    return [_preview(asker, ruler, item) for ruler in rubric.rulers]


def _preview(asker: Asker, ruler: Ruler, item: Item) -> Preview:
    asked = asker.ask(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
    if isinstance(asked, Verdict):
        return Preview(ruler, {}, not_sent=f"{asked.status}: {asked.rationale}")
    left_out = None
    if asked.redactions or asked.cut_characters:
        redacted = dict(asked.redactions) or "nothing"
        left_out = f"{asked.cut_characters} characters cut; redacted: {redacted}"
    settings = {name: value for name, value in asked.params.items() if name not in ("system", "messages")}
    parts = {
        "settings": json.dumps(settings),
        "system prompt": asked.params["system"][0]["text"],
        "message": asked.params["messages"][0]["content"],
    }
    return Preview(ruler, parts, left_out)
