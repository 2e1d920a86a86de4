"""Which items are one unit: those of a user, else those of a conversation, else each its own."""

from pipelines.statistics.clusters import cluster_ids


def groups(users, conversations):
    """The items' places, by cluster."""
    found = {}
    for place, cluster in enumerate(cluster_ids(users, conversations).tolist()):
        found.setdefault(cluster, []).append(place)
    return sorted(found.values())


def test_items_of_one_user_are_one_cluster_whatever_their_conversations():
    assert groups(["ann", "bob", "ann"], ["1", "2", "3"]) == [[0, 2], [1]]


def test_conversations_are_clusters_where_no_user_has_two_items():
    assert groups(["ann", "bob", "cid"], ["1", "1", "2"]) == [[0, 1], [2]]
    assert groups([None, None, None], ["1", "2", "1"]) == [[0, 2], [1]]


def test_items_are_their_own_clusters_where_nothing_repeats():
    assert groups(["ann", "bob"], ["1", "2"]) == [[0], [1]]
    assert groups([], []) == []


def test_who_has_no_id_is_nobody_elses():
    assert groups(["ann", None, float("nan"), "ann", "bob"], [None] * 5) == [[0, 3], [1], [2], [4]]


def test_an_id_that_all_items_share_is_a_services_and_no_users():
    assert groups(["api", "api", "api"], ["1", "2", "1"]) == [[0, 2], [1]]
    assert groups(["api", None, "api"], [None] * 3) == [[0], [1], [2]]
