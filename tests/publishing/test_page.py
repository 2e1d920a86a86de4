"""The page: one file that refers to nothing, in which text of logs stays text."""

import base64
import hashlib
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from pipelines.clock import NOW_VARIABLE
from pipelines.publishing.page import publish_page
from pipelines.publishing.page.charts import quality_chart
from pipelines.publishing.page.data import ScoredNight
from tests.publishing import rows

# What a page is made of. Anything else came from a log.
HTML = """html head meta title style body header main section footer h1 h2 h3 p ul ol li dl dt dd div span strong b
    small code br bdi figure figcaption table thead tbody tr th td details summary""".split()
SVG = "svg g path line text".split()
ATTRIBUTES_THAT_LOAD = {"src", "href", "xlink:href", "srcset", "data", "action", "poster", "background", "style"}


class Page(HTMLParser):
    """A page taken apart: its elements, their attributes, its text without what is in style and in charts."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.attributes, self.words, self.inside = [], [], [], []
        self.feed(html)
        self.text = re.sub(r"\s+", " ", " ".join(self.words)).replace("\N{NO-BREAK SPACE}", " ")

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += attributes
        if tag in ("style", "svg"):
            self.inside.append(tag)

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch):
    monkeypatch.setenv(NOW_VARIABLE, "2026-11-16T15:30:00+00:00")


@pytest.fixture(scope="module")
def rollout(tmp_path_factory):
    """The page of 14 nights with hostile texts in them, which may be shown."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("rollout")
        (root / "features").mkdir()
        patch.setenv("PROD_EVALS_DATA", str(root / "data"))
        patch.setenv("PROD_EVALS_FEATURES", str(root / "features"))
        patch.setenv(NOW_VARIABLE, "2026-11-16T15:30:00+00:00")
        feature = rows.make_feature(description=f"Drafts {rows.SCRIPT} {rows.BIDI}")
        rows.write_rollout(feature)
        return publish_page(feature).read_text()


def test_the_decision_its_reason_its_stage_and_its_end_come_first(rollout):
    text = Page(rollout).text
    for said in (
        "Advance",
        "Two of 5 nights so far: about 3 more nights.",
        "within band Nothing is asked of quality. On an advance, move the flag one stage up",
        "Sunday 15 November 2026",
        "on to 25%",
        "Tue 17 Nov 2026, 12:00 EST (17:00 UTC)",
        "Scores by the offline judge: rules, no model.",
        "Production against cold",
    ):
        assert said in text
        text = text[text.index(said) :]


def test_the_evidence_is_there_in_human_form(rollout):
    text = Page(rollout).text
    # 0.86 - 0.015 against 0.86, and the interval of 0.02 on both sides of the difference, relative to 0.86
    assert "Overall within 0.845 0.860 −1.74 % −4.07 % to +0.58 % 3.00 % 3 600" in text
    assert "cold only no data – 0.860 – – 3.00 % 0 0" in text
    assert "new in prod no baseline 0.860 – – – 3.00 % 3 31" in text
    assert "Daily cost $12.42 $12.00 $9.60 to $14.40 healthy" in text
    assert "Thumbs-down rate – 10.0 % up to 10.0 % missing" in text
    assert "Sun 15 Nov 5% advance within band 0.850 638 4 12 11 1" in text
    assert "offline rules 1" in text


def test_the_judges_means_are_beside_those_of_people(rollout):
    assert "Tone 60 0.710 0.600 to 0.800 – 0.900 0.840 0.800 to 0.880 – – –" in Page(rollout).text


def test_without_human_labels_nothing_is_said_of_people():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START))
    assert "beside people" not in Page(publish_page(feature).read_text()).text


def test_the_lowest_scored_items_are_the_lowest_and_none_that_failed_is_among_them(rollout):
    ids = re.findall(r"<code>(log-\d+)</code>", rollout)
    # two items a level from 1 on; item 11 has a verdict that failed
    assert ids == [f"log-{number}" for number in (0, 1, 2, 3, 4, 5, 6, 7, 10, 8)]


def test_it_refers_to_nothing_and_runs_nothing(rollout):
    page = Page(rollout)
    assert {name for name, _ in page.attributes} & ATTRIBUTES_THAT_LOAD == set()
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", rollout, re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in re.sub(r"http-equiv", "", rollout)
    policy = dict(page.attributes)["content"] and re.search(r'Security-Policy" content="([^"]*)"', rollout).group(1)
    assert policy.startswith("default-src 'none';")
    # the one style sheet is allowed by what is in it
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy


def test_text_of_logs_stays_text_in_tables_and_in_charts(rollout):
    page = Page(rollout)
    assert set(page.elements) <= {*HTML, *SVG}
    assert "<script>alert('x')</script>" in page.text
    assert "<img src=x onerror=alert(1)>\" ' & `" in page.text
    assert "&lt;img src=x on" in re.search(r"<svg.*</svg>", rollout, re.DOTALL).group()


def test_characters_that_reorder_or_command_are_spelt_out(rollout):
    assert not set(rollout) & set("\u202e\u2066\x1b\x00")
    assert "safe‹U+202E›txt.exe‹U+2066› and ‹U+001B›[31mred‹U+0000›" in Page(rollout).text


def test_long_texts_are_folded(rollout):
    assert rollout.count("<details>") == 10  # one output of each item; the inputs are short


def test_what_to_do_next_has_commands_for_the_feature_and_its_day():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START, "hold", "day_missing"))
    html = publish_page(feature).read_text()
    assert "day missing Run it: prod-evals run drafts --day 2026-11-02 ." in Page(html).text
    assert "<code>prod-evals run drafts --day 2026-11-02</code>" in html


def test_a_signal_of_an_older_day_that_there_is_no_more_is_left_out():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START))
    known = rows.signal("error_rate", 0.004, 0.01, None, 0.01, "healthy")
    gone = rows.signal("mood", 3.5, None, None, None, "informational")
    rows.write("signals", [known, gone], feature=feature.name, day=rows.START)
    text = Page(publish_page(feature).read_text()).text
    assert "Error rate 0.40 % 1.00 % up to 1.00 % healthy" in text and "ood" not in text


def test_what_may_not_be_shown_is_not_on_the_page():
    feature = rows.make_feature(text="none")
    rows.write_rollout(feature, days=2)
    html = publish_page(feature).read_text()
    assert "4111" not in html
    assert "a long answer" not in html
    assert "quotes:" not in html
    page = Page(html)
    assert "Their text is not shown, because publish.text of the feature file is none" in page.text
    assert "log-0" in page.text


def test_every_chart_has_a_name_and_every_table_its_headers(rollout):
    charts = re.findall(r"<svg[^>]*>", rollout)
    assert charts
    assert all('role="img"' in chart and re.search(r'aria-label="[^"]+"', chart) for chart in charts)
    assert all('scope="' in header for header in re.findall(r"<th[\s>][^>]*", rollout))


def test_charts_follow_light_and_dark(rollout):
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', rollout))
    assert colours <= {"none", "transparent"} | {
        f"var(--{name})" for name in ("ink", "muted", "rule", "band", "prod", "cold", "good", "warn", "bad")
    }


def test_before_the_first_night_the_page_says_so():
    page = Page(publish_page(rows.make_feature()).read_text())
    assert "No night yet" in page.text
    assert "Monday 2 November 2026" in page.text
    assert "svg" not in page.elements


def test_a_night_that_is_missing_is_a_hold_above_the_evidence_there_is():
    feature = rows.make_feature()
    last = rows.write_rollout(feature, days=3)
    missing = last + timedelta(days=1)
    explained = "The night of 2026-11-05 is missing: its logs were never read."
    decided = rows.decision(missing, "hold", "day_missing", explanation=explained, verdict=None, nights=3)
    rows.write_decisions(feature, *(rows.decision(last - timedelta(days=number)) for number in range(3)), decided)
    text = Page(publish_page(feature).read_text()).text
    assert explained in text
    assert "day missing" in text
    assert "The evidence below ends with Wednesday 4 November 2026" in text
    assert "These are of Wednesday 4 November 2026" in text
    assert "Thu 5 Nov 5% hold day missing – – – – – –" in text


def test_without_a_cold_eval_the_page_says_what_to_do():
    feature = rows.make_feature()
    rows.write_day(feature, rows.START)
    nothing = dict.fromkeys(
        ("baseline_mean", "difference", "relative_difference", "ci_low", "ci_high", "band", "baseline_id")
    )
    alone = [
        rows.comparison(rows.START, window, "overall", "all", "overall", 0.0) | nothing | {"verdict": "no_baseline"}
        for window in ("night", "epoch")
    ]
    rows.write("divergence", alone, feature=feature.name)
    rows.write_decisions(feature, rows.decision(rows.START, "hold", "no_baseline", baseline_id=None))
    page = Page(publish_page(feature).read_text())
    assert "The feature has no cold eval" in page.text
    assert "svg" in page.elements  # its nights are shown all the same


def test_a_feature_with_a_decision_and_nothing_else_has_a_page():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START, "hold", "day_missing", rubric_id=None, judged=None))
    text = Page(publish_page(feature).read_text()).text
    for said in ("No night has a score yet.", "No day has signals yet.", "No item has been scored yet."):
        assert said in text


def overall(**more):
    whole = ("overall", "all", "overall")
    return [rows.comparison(rows.START, window, *whole, -0.06, **more) for window in ("night", "epoch")]


def test_a_yardstick_without_error_is_labelled_at_the_top_and_at_the_chart():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START))
    rows.write("divergence", overall(), feature=feature.name)
    assert "yardstick" not in Page(publish_page(feature).read_text()).text
    rows.write("divergence", overall(baseline_uncertainty="fixed"), feature=feature.name)
    text = Page(publish_page(feature).read_text()).text
    assert "The cold eval is taken as the yardstick itself: its own error is in no interval." in text
    assert "Relative difference from the cold eval, taken as the yardstick itself, with its 90 % interval" in text


def test_what_the_missing_and_the_mix_do_to_a_comparison_is_told():
    feature = rows.make_feature()
    rows.write_decisions(feature, rows.decision(rows.START, "hold", "stale_eval_set"))
    more = {"missing_share": 0.02, "bound_low": 0.784, "bound_high": 0.804, "standardised_difference": -0.0043}
    rows.write("divergence", overall(verdict="stale_eval_set", **more), feature=feature.name)
    text = Page(publish_page(feature).read_text()).text
    assert "Overall stale eval set 0.800" in text
    assert "Overall: judgments failed on 2.00 % of the items." in text and "at 0.784 or 0.804" in text
    # -0.0043 of 0.86
    assert "On the cold eval's mix of categories, production differs by −0.50 %." in text


def test_a_decision_that_was_issued_on_other_evidence_says_that_it_is_restated():
    feature = rows.make_feature()
    days = [rows.START + timedelta(days=number) for number in range(3)]
    rows.write_decisions(feature, *(rows.decision(day, restated=number == 1) for number, day in enumerate(days)))
    text = Page(publish_page(feature).read_text()).text
    assert "Tue 3 Nov 5% hold restated too few nights" in text
    assert "Restated: a decision" not in text
    rows.write_decisions(feature, *(rows.decision(day, restated=number == 2) for number, day in enumerate(days)))
    text = Page(publish_page(feature).read_text()).text
    assert "Restated: a decision about this day was issued on other evidence" in text


def test_the_judge_on_its_anchors_is_shown_with_its_newest_reading():
    feature = rows.make_feature()
    rows.write_rubric(feature)
    rows.write_decisions(feature, rows.decision(rows.START, "hold", "judge_drift"))
    # the night of the 2nd is judged on the 3rd; the reading of the 4th is about a later one
    drifted = {"difference": -0.041, "ci_low": -0.06, "ci_high": -0.022, "mean_now": 0.86, "status": "drifted"}
    dates = [rows.START + timedelta(days=number) for number in range(3)]
    rows.write_judge_drift(feature, *dates[:2], **drifted)
    assert (
        "Tone drifted Tue 3 Nov 40 0.900 0.860 −0.041 −0.060 to −0.022" in Page(publish_page(feature).read_text()).text
    )
    rows.write_judge_drift(feature, dates[0], dates[2], **drifted)
    assert "Tone drifted Mon 2 Nov 40" in Page(publish_page(feature).read_text()).text


def test_numbers_that_are_none_are_gaps():
    feature = rows.make_feature()
    rows.write_day(feature, rows.START)
    nan = float("nan")
    compared = [
        rows.comparison(rows.START, window, "overall", "all", "overall", -0.01, ci_low=nan, ci_high=nan)
        for window in ("night", "epoch")
    ]
    compared.append(rows.comparison(rows.START, "epoch", "category", "billing", "overall", nan, verdict="inconclusive"))
    rows.write("divergence", compared, feature=feature.name)
    rows.write(
        "signals", [rows.signal("error_rate", nan, 0.01, None, 0.01, "missing")], feature=feature.name, day=rows.START
    )
    rows.write_decisions(feature, rows.decision(rows.START))
    html = publish_page(feature).read_text()
    assert "nan" not in html.lower()
    assert "Overall within 0.850 0.860 −1.16 % – 3.00 % 3 600" in Page(html).text


def test_a_chart_shows_no_score_beyond_1_and_no_label_on_another():
    def night(number, epoch=0, **more):
        days = {"day": rows.START + timedelta(days=number), "epoch_start": rows.START + timedelta(days=epoch)}
        means = {"night_mean": 0.9, "night_low": 0.5, "night_high": 1.3, "epoch_mean": 0.9, "epoch_low": 0.7}
        cold = {"epoch_high": 1.1, "baseline_mean": 0.98, "band_low": 0.931, "band_high": 1.029}
        return ScoredNight(**days, **means, **cold, **{"stage": "internal"} | more)

    # 35 days on 325 pixels are 9 each; `internal` takes 59, `new epoch` 65
    internal = [night(0), night(1), *(night(number, epoch=2) for number in range(2, 8))]
    nights = internal + [night(number, epoch=8, stage="5%") for number in range(8, 35)]
    chart = quality_chart(nights, 375, "quality")
    texts = re.findall(r"<text[^>]*>([^<]+)</text>", chart)
    assert "internal" in texts and "5%" in texts and "new epoch" not in texts
    assert max(float(text) for text in texts if re.fullmatch(r"\d\.\d\d", text)) <= 1.0
    assert "new epoch" in quality_chart(nights[:12], 900, "quality")


def test_two_runs_on_the_same_give_the_same_page():
    feature = rows.make_feature()
    rows.write_rollout(feature, days=2)
    assert publish_page(feature).read_bytes() == publish_page(feature).read_bytes()


def test_the_judges_night_is_shown_with_what_failed_what_it_cost_and_what_the_budget_allowed():
    feature = rows.make_feature()
    rows.write_rubric(feature)
    rows.write_decisions(feature, rows.decision(rows.START))
    day = {"feature": feature.name, "day": rows.START}
    known = {
        "item_kind": "prod",
        "criterion": "tone",
        "ruler_id": "ruler_tone",
        "rubric_id": rows.RUBRIC,
        "cost_usd": 0.004,
    }
    statuses = ("scored", "scored", "refused", "pending")
    judged = [known | {"item_id": f"i{number}", "status": status} for number, status in enumerate(statuses)]
    judged[0] |= {"level": 4, "injection_suspected": True, "redactions": '{"EMAIL": 1}', "cut_characters": 900}
    rows.write("judgments", judged, **day)
    rows.write("sample", [rows.item(0, stratum_wanted=30, stratum_sampled=10)], **day)
    rows.write(
        "judge_costs", [{"judged_on": rows.START, "cost_usd": 2.5, "running_total_usd": 2.5}], feature=feature.name
    )
    flips = {"criterion": "tone", "ruler_id": "ruler_tone", "votes": 40, "flips": 5, "flip_rate": 0.125}
    rows.write(
        "judge_flips",
        [flips | {"chosen_by": "lot"}, flips | {"chosen_by": "borderline", "flip_rate": 0.4}],
        feature=feature.name,
    )
    text = Page(publish_page(feature).read_text()).text
    assert "cost 0.016 USD when they were made; judging this feature has cost 2.50 USD so far" in text
    assert "The budget of a night allowed 10 of the 30 logs that the sample asks for" in text
    # scored, not applicable, failed, pending, injections, cut, redacted, flips
    assert "Tone 2 0 1 1 1 1 1 12.5 % of 40" in text
