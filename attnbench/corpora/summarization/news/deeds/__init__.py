"""What happens, and how articles and headlines tell it: tables of clauses, the more frequent first.

A deed is a line ``who | verb | rest of the clause`` with its headlines below, the first being the usual one.
Words in capitals are slots (``slots.SLOTS``); a digit tells two of a kind apart. ``who`` names what the
subject can be, ``S`` is the subject, ``T`` the place where a time may stand.

The verb is a base form; ``be arrest`` is a passive. A star marks a verb that may be told as a plan: ``will
visit``, in the headline ``to visit``.

In a headline ``word=`` comes from the same word of the clause, ``word=source`` from that word (``V``: the
verb; ``in/2``: the second in), and a bare ``word`` from none. ``~base=V`` is a verb in the present that
agrees with the slot before it; ``V`` stands for it with the clause's own verb.
"""
