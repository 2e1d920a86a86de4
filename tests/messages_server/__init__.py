"""A Messages API to test against: real HTTP on loopback, scripted faults, and a count of everything it was asked.

wire     HTTP/1.1: requests in, replies out, whole or cut off
script   which requests get which fault
answers  what a model would have said, and how it can go wrong
batches  batches that are accepted, worked on and answered
counts   what was asked, and what went out whole
api      the endpoints
running  the server in a thread or in a process of its own
"""

from tests.messages_server.counts import Counts, content_digest
from tests.messages_server.running import KEY, MessagesServer, ServerProcess
from tests.messages_server.script import Endpoint, Rule, Script

__all__ = ["KEY", "Counts", "Endpoint", "MessagesServer", "Rule", "Script", "ServerProcess", "content_digest"]
