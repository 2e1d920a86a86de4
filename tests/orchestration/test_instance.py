"""Settings of the Dagster instance: what becomes of runs that are killed, get stuck or wait."""

import dagster as dg
import yaml

from pipelines.checkout import CHECKOUT
from pipelines.orchestration.command_line_runs import dagster_home, open_instance


def test_a_run_that_was_killed_is_begun_again_and_one_that_failed_is_not():
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 2
        assert not instance.run_retries_retry_on_asset_or_op_failure


def test_runs_of_the_daemon_take_turns_in_pools_and_a_command_does_not_wait_there():
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        pools = instance.get_concurrency_config().pool_config
        assert (pools.pool_granularity.value, pools.default_pool_limit) == ("op", 1)
    with open_instance() as instance:
        assert instance.get_concurrency_config().pool_config.pool_granularity.value == "run"


def test_a_run_that_got_stuck_or_was_killed_gives_back_its_place():
    settings = yaml.safe_load((CHECKOUT / "dagster.yaml").read_text())["run_monitoring"]
    assert settings == {"enabled": True, "free_slots_after_run_end_seconds": 60, "max_runtime_seconds": 86_400}
