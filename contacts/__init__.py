"""The record of each conversation on any channel, and its one outcome: the ledger."""
