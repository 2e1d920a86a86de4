"""What a feature file's `judge` must say when a model of Anthropic's judges."""

from typing import Self

from pydantic import model_validator

from pipelines.feature import JudgeConfig, JudgeMode, ServedBy


class AnthropicSettings(JudgeConfig):
    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.model is None:
            raise ValueError("model is missing; say which model judges, as in model: claude-haiku-5-5")
        if self.redact is None:
            raise ValueError(
                "redact has no default when text leaves this machine; say redact: true to take personal data and secrets "
                "out of it first, or redact: false to send it as it is"
            )
        if self.mode is JudgeMode.BATCH and self.provider is not ServedBy.ANTHROPIC:
            raise ValueError(
                f"mode is batch, and {self.provider.value} has no Message Batches; say mode: live, or provider: anthropic"
            )
        return self
