"""What the model will be sent about an item, to the letter."""

import json

from pipelines.feature import Feature
from pipelines.judging.asking import Prompter
from pipelines.judging.judge import Item, Request, Verdict
from pipelines.judging.provider import Preview
from pipelines.judging.providers.anthropic.asking import Messages
from pipelines.judging.ruler import Rubric


def previews(feature: Feature, rubric: Rubric, item: Item) -> list[Preview]:
    """The request of each criterion: settings, system prompt and message."""
    prompter, messages = Prompter(feature.judge), Messages(feature.judge)
    shown = []
    for ruler in rubric.rulers:
        prompt = prompter.prompt(Request(ruler.ruler_id, ruler.content_id(item), ruler.criterion, item))
        if isinstance(prompt, Verdict):
            shown.append(Preview(ruler, {}, not_sent=f"{prompt.status}: {prompt.rationale}"))
            continue
        params = messages.params(prompt)
        settings = {name: value for name, value in params.items() if name not in ("system", "messages")}
        parts = {
            "settings": json.dumps(settings),
            "system prompt": params["system"][0]["text"],
            "message": params["messages"][0]["content"],
        }
        shown.append(Preview(ruler, parts, prompt.left_out))
    return shown
