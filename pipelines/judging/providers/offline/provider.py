"""The provider `offline`: rules, which cost nothing, send nothing, and are the same on every date."""

from pipelines.feature import Feature
from pipelines.judging.judge import Judge
from pipelines.judging.provider import Provider
from pipelines.judging.providers.offline.judge import OfflineJudge


class Offline(Provider):
    name = "offline"
    caveat = "rules, no model"
    drifts = False

    def judge_for(self, feature: Feature) -> Judge:
        return OfflineJudge()


PROVIDER = Offline()
