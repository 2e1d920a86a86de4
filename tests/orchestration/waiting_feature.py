"""A feature without anything but logs that may be late, for schedules and sensors that run nothing."""

from pipelines.feature import Feature, features_directory, load_feature


def feature_of(more: str = "", zone: str = "America/New_York", name: str = "drafts") -> Feature:
    path = features_directory() / f"{name}.yaml"
    path.write_text(
        f'start: 2026-11-01\ntimezone: {zone}\nlogs: {{path: "logs/{{{{ day }}}}.jsonl", read_days: {{}}}}\n{more}\n'
    )
    return load_feature(path)


def put_logs(day: str) -> None:
    path = features_directory() / "logs" / f"{day}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.touch()
