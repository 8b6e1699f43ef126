"""The pictures that are made here."""


def description() -> str:
    return "Six tiles each; made from the seed."
