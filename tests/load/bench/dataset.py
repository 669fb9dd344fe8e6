"""What both sides hold: the same posts about the same topics."""

from dataclasses import dataclass, field

POSTS_A_TOPIC = 20
# Together with its other members a post's JSON is 1 KB.
BODY = "Stepwell measures a record of about one thousand bytes. " * 14


@dataclass
class Dataset:
    """Ids as a server gave them, and an account that may create."""

    token: str = ""
    topics: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)


def posts(topics: list[str], count: int) -> list[dict[str, str]]:
    """Bodies of posts, the topics taken in turn."""
    return [
        {"title": f"Post number {number}", "body": BODY, "topic": topics[number % len(topics)]}
        for number in range(count)
    ]


def topic_names(records: int) -> list[str]:
    """As many topics as leave each a full page of posts."""
    return [f"topic-{number}" for number in range(max(1, records // POSTS_A_TOPIC))]
