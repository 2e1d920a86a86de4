"""What redaction takes out, what it leaves, and that no text gets by because it is hard to search."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UserError
from pipelines.judging.judge import Item, Source
from pipelines.redaction.redactor import LONGEST, Kind, NotRedacted, RedactionUnavailable, Redactor, redact_item

REDACTOR = Redactor()
KEY = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEow+/=\n-----END RSA PRIVATE KEY-----"

# Luhn's sum of 4111 1111 1111 1111: 2 * 4 + 7 * 2 * 1 from every other digit and 8 * 1 from the others are 30, which 10
# divides. The IBANs are the registry's examples.
VALUES = {
    "ada.lovelace+work@mail.example.co.uk": "<EMAIL_1>",
    "o'neil@xn--80ak6aa92e.com": "<EMAIL_1>",
    "4111 1111 1111 1111": "<CARD_1>",
    "4111-1111-1111-1111": "<CARD_1>",
    "4111\u00a01111\u00a01111\u00a01111": "<CARD_1>",
    "378282246310005": "<CARD_1>",
    "DE89370400440532013000": "<IBAN_1>",
    "GB29 NWBK 6016 1331 9268 19": "<IBAN_1>",
    "192.168.10.4": "<IP_1>",
    "2001:db8::ff00:42:8329": "<IP_1>",
    "219-09-9999": "<SSN_1>",
    "+49 30 901820": "<PHONE_1>",
    "(212) 555-0123": "<PHONE_1>",
    "020 7946 0958": "<PHONE_1>",
    "sk-ant-api03-AbCdEf_12-3456789": "<SECRET_1>",
    "AKIAIOSFODNN7EXAMPLE": "<SECRET_1>",
    "ghp_" + "a1B2" * 9: "<SECRET_1>",
    "glpat-abcdefghij0123456789": "<SECRET_1>",
    "xoxb-1234567890-abcdef": "<SECRET_1>",
    "AIza" + "x" * 35: "<SECRET_1>",
    "sk_live_abcdef0123456789": "<SECRET_1>",
    "SG.abcdefghij0123456789.ABCDEFGHIJ0123456789": "<SECRET_1>",
    "hf_" + "a" * 34: "<SECRET_1>",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27": "<SECRET_1>",
    KEY: "<SECRET_1>",
    "Bearer abc.def-ghi_123~456==": "Bearer <SECRET_1>",
    "Authorization: Basic dXNlcjpwYXNz": "Authorization: Basic <SECRET_1>",
    "password=correct-horse": "password=<SECRET_1>",
    '"api_key": "abc def ghi"': '"api_key": "<SECRET_1>"',
    "the password is hunter2": "the password is <SECRET_1>",
    "postgres://app:s3cr3t@localhost/x": "postgres://<SECRET_1>@localhost/x",
}


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_replaced_by_its_kind_and_its_number(value):
    redacted = REDACTOR.redact(f"Hello, {value}, thanks")
    assert redacted.text == f"Hello, {VALUES[value]}, thanks"
    (kind,) = redacted.counts
    assert redacted.counts == {kind: 1}
    assert f"<{kind}_1>" in redacted.text


@pytest.mark.parametrize(
    "text",
    [
        "card 4111 1111 1111 1112",  # the check digit is wrong
        "DE88370400440532013000",  # and here
        "999.10.10.10, 1.2.3, 10:30:00",
        "invoice 219099999",  # nine digits alone may be anything
        "3@4.5 or user@localhost",
        "2026-11-02 14:33:12.123456",
        "I forgot my password: what do I do? The token is refused! My password is wrong!!",
        "a task-force-for-high-risk-adjusted-returns",
        "Ada Lovelace, 12 St James's Square, London",  # names and addresses are known not to be caught
        "",
    ],
)
def test_what_only_looks_like_a_value_stays(text):
    assert REDACTOR.redact(text).text == text
    assert REDACTOR.redact(text).counts == {}


def test_nine_digits_are_a_social_security_number_where_the_text_calls_them_one():
    assert REDACTOR.redact("My social security number: 219099999").text == "My social security number: <SSN_1>"


def test_a_card_is_found_behind_digits_that_are_none():
    # the first sixteen digits fail their check, and the card begins among them
    assert REDACTOR.redact("ref 5234 4111 1111 1111 1111").text == "ref 5234 <CARD_1>"


def test_a_phone_number_is_found_beside_other_digits():
    text = "(212) 555-0123 192.168.10.4 020 7946 0958 +49 30 901820, 12"
    assert REDACTOR.redact(text).text == "<PHONE_1> <IP_1> <PHONE_2> <PHONE_3>, 12"


def test_words_behind_an_iban_stay():
    # the pattern takes "2" in as well: an IBAN may end in a group of fewer than four
    assert REDACTOR.redact("from BE68 5390 0754 7034 2 days ago").text == "from <IBAN_1> 2 days ago"


def test_a_key_that_is_cut_off_is_redacted_and_the_text_behind_one_stays():
    assert REDACTOR.redact("-----BEGIN PRIVATE KEY-----\nMIIE\nabc/").text == "<SECRET_1>"
    assert REDACTOR.redact(f"{KEY}\nWhat now?").text == "<SECRET_1>\nWhat now?"


def test_values_that_overlap_are_one():
    redacted = REDACTOR.redact("ftp://joe:tOp5ecret@files.example.com/x")  # a name and password, and an address
    assert redacted.text == "ftp://<EMAIL_1>/x"
    assert redacted.counts == {"EMAIL": 1}


def test_equal_values_get_equal_numbers_however_they_are_written():
    redacted = REDACTOR.redact("A@x.com, b@x.com, a@X.com; 4111 1111 1111 1111, 4111111111111111")
    assert redacted.text == "<EMAIL_1>, <EMAIL_2>, <EMAIL_1>; <CARD_1>, <CARD_1>"
    assert redacted.counts == {"EMAIL": 3, "CARD": 2}


def test_an_items_texts_share_their_numbers_and_their_counts():
    source = Source("kb-1", "From a@x.com", "Call +44 20 7946 0958 or write to b@x.com")
    item = Item("I am b@x.com", "Write to a@x.com, b@x.com", (source, Source(None, None, None)))
    redacted, counts = redact_item(REDACTOR, item)
    assert redacted == Item(
        "I am <EMAIL_1>",
        "Write to <EMAIL_2>, <EMAIL_1>",
        (Source("kb-1", "From <EMAIL_2>", "Call <PHONE_1> or write to <EMAIL_1>"), Source(None, None, None)),
    )
    # b and a and b, a in the title, and b in the text
    assert counts == {"EMAIL": 5, "PHONE": 1}


def test_an_item_without_an_output_stays_without_one():
    assert redact_item(REDACTOR, Item("hello", None)) == (Item("hello", None), {})


def test_the_number_of_a_placeholder_that_a_text_brought_along_is_not_given_again():
    assert REDACTOR.redact("a@x.com answered <EMAIL_1>").text == "<EMAIL_2> answered <EMAIL_1>"


@given(
    st.lists(
        st.one_of(st.sampled_from(sorted(VALUES)), st.text(max_size=12), st.sampled_from(["\n", ", ", "(", "=", ":"])),
        max_size=8,
    )
)
def test_a_redacted_text_has_nothing_left_to_redact(parts):
    once = REDACTOR.redact(" ".join(parts))
    assert REDACTOR.redact(once.text) == type(once)(once.text, {})


WORDS = st.text(alphabet="ab .,;?\n", max_size=20)


@given(WORDS, st.sampled_from(sorted(VALUES)), WORDS)
def test_a_value_among_other_words_is_gone(before, value, after):
    text = f"{before} {value} {after}"
    secret = {"the password is hunter2": "hunter2", '"api_key": "abc def ghi"': "abc def ghi"}.get(value, value)
    assert secret not in REDACTOR.redact(text).text


MEGABYTES_2 = 2_000_000
HARD = {
    "an address without end": "a." * 50_000 + "@",
    "labels without end": "a@a." * 25_000,
    "dots": "a.b-" * 125_000,
    "tokens that are none": "eyJaaaaaaaaaa" * 40_000,
    "one word": "x" * MEGABYTES_2,
    "colons": ":" * 500_000,
    "keys without end": "-----BEGIN PRIVATE KEY-----" * 4_000,
    "passwords without values": "password: " * 50_000,
}


@pytest.mark.parametrize("name", HARD)
def test_a_text_made_to_be_hard_to_search_takes_no_longer_than_its_length(name):
    text = HARD[name]
    begun = time.thread_time()
    REDACTOR.redact(text)
    assert time.thread_time() - begun < 1 + 2.5 * len(text) / 1e6  # seconds; a pattern that goes back takes minutes


def test_a_number_across_two_chunks_is_found():
    words = "words " * 1_000
    for begin in range(4_080, 4_100):  # the first chunk of the search for phone numbers ends at 4,096
        redacted = REDACTOR.redact(f"{words[:begin]} 020 7946 0958 {words[begin:]}")
        assert redacted.text == f"{words[:begin]} <PHONE_1> {words[begin:]}"


def test_a_value_at_the_end_of_a_long_text_is_found():
    assert REDACTOR.redact("words " * 30_000 + "ada@example.com").counts == {"EMAIL": 1}


@pytest.mark.parametrize(
    "text",
    [
        "a.b-" * 500_000,  # ends within one pattern
        "1/2/" * 500_000,  # ends between the chunks of the search for phone numbers
    ],
)
def test_a_text_that_takes_too_long_is_not_redacted_and_ends_in_time(text):
    impatient = Redactor(seconds=0.3)
    begun = time.thread_time()
    with pytest.raises(NotRedacted, match="2,000,000 characters took more than 0.3 s"):
        impatient.redact(text)
    assert time.thread_time() - begun < 1


def test_a_pattern_that_gives_up_is_no_pattern_that_found_nothing(monkeypatch):
    class GivesUp:
        groupindex = MappingProxyType({})

        def finditer(self, *_, **__):
            raise TimeoutError

    impatient = Redactor()
    monkeypatch.setattr(impatient, "_own", [(Kind.EMAIL, GivesUp())])
    with pytest.raises(NotRedacted):
        impatient.redact("ada@example.com")


def test_one_text_of_an_item_that_takes_too_long_is_enough():
    with pytest.raises(NotRedacted):
        redact_item(Redactor(seconds=0.1), Item("a@x.com", "ok", (Source("1", "t", "a.b-" * 500_000),)))


def test_a_text_that_is_too_long_is_refused_at_once():
    with pytest.raises(NotRedacted, match="4,000,001 characters; at most 4,000,000"):
        REDACTOR.redact("x" * (LONGEST + 1))


def test_an_error_quotes_nothing_of_the_text():
    with pytest.raises(NotRedacted) as error:
        Redactor(seconds=0.05).redact("ada@example.com " * 60_000)
    assert "ada" not in str(error.value)
    assert error.value.__cause__ is None


def test_threads_may_share_a_redactor():
    texts = [f"user{number}@example.com and again user{number}@example.com" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert {redacted.text for redacted in pool.map(REDACTOR.redact, texts)} == {"<EMAIL_1> and again <EMAIL_1>"}


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer.predefined_recognizers", None)
    with pytest.raises(RedactionUnavailable, match=r"pip install .*--editable '\.\[redaction\]'") as error:
        Redactor()
    assert isinstance(error.value, UserError)
