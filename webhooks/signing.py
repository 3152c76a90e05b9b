"""Signs what is told as Standard Webhooks says, so that whoever gets it knows that it is from us, whole and new.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from collections.abc import Mapping
from datetime import datetime

from standardwebhooks import Webhook

from webhooks.model import Delivery, Subscription


def headers_of(delivery: Delivery, subscription: Subscription, *, at: datetime) -> Mapping[str, str]:
    """Return the headers of one attempt: its name is the same in each, its time and signature are of this one.

    While a secret is changed there is a signature by each: a receiver that knows either believes us.
    """
    by_each = [
        Webhook(secret).sign(msg_id=delivery.delivery, timestamp=at, data=delivery.body)
        for secret in subscription.secrets
    ]
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.delivery,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(by_each),
    }
