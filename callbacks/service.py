"""The door of the room: makes promises to ring back, and sees that each is kept, given up with notice, or no longer
wanted (I-12)."""

from callbacks.books import Books
from callbacks.choosing import Choosing
from callbacks.desk_work import DeskWork
from callbacks.dialling import Dialling
from callbacks.own_promises import OwnPromises
from callbacks.places import Places
from callbacks.promising import Promising
from callbacks.requesting import Requesting
from callbacks.standing import Standing


class Callbacks(Requesting, Promising, OwnPromises, Choosing, Standing, Dialling, Places, Books, DeskWork):
    """Promises to ring back. Every method is a transaction of its own, unless it takes one."""
