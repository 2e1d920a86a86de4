"""Which sampled items are one sampling unit: those of one user or of one conversation."""

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray


def cluster_ids(user_id: Sequence[str | None], conversation_id: Sequence[str | None]) -> NDArray[np.int64]:
    """The cluster (n) of each of n sampled items, for domain_means with `crossing`, as users have items in many strata.

    Scores of one user are alike, and so are those of one conversation; a user's conversations are all the user's. So
    clusters are users where one has several of the items, else conversations where one has, else every item is its own.
    An item without the id is its own too. (null is anything but a text: None, or nan from a frame.)

    An id that is the same on all items is the name of a service, and says nothing about who depends on whom: it counts
    as no id. Few clusters give a variance of few degrees of freedom, which is what so few users can tell.
    """
    for column in (user_id, conversation_id):
        ids = [value for value in column if isinstance(value, str)]
        codes = {value: code for code, value in enumerate(sorted(set(ids)))}
        if 1 < len(codes) < len(ids):
            own = count(len(codes))
            return np.array([codes[value] if isinstance(value, str) else next(own) for value in column])
    return np.arange(len(user_id))
