"""Clauses in both languages: verb forms, negation, clitics, adverbs, relative and that-clauses."""

from __future__ import annotations

from attnbench.corpora.translation.grammar.lexicon import Pronoun, Verb
from attnbench.corpora.translation.grammar.phrases import Agreement, agreement, nominal, prepositional
from attnbench.corpora.translation.grammar.surface import French, Phrase, Sentence, Word, finish
from attnbench.corpora.translation.grammar.syntax import (
    Chain,
    Clause,
    NounPhrase,
    Predicate,
    Quality,
    Relative,
)

HAVE = ("ai", "a", "avons", "ont")
ETRE = ("suis", "est", "sommes", "sont")
IMPERFECT = ("étais", "était", "étions", "étaient")
SECOND_HALF = {"not": "pas", "never": "jamais", "no longer": "plus"}


def realise(chain: Chain) -> Sentence:
    """Return a whole sentence with its full stop."""
    english, french = clause(chain.first)
    for comma, (conjunction, conjonction), part in chain.rest:
        joint = Word(conjunction)
        if comma:
            mark = Word(",")
            english.append(mark)
            french.append((",", (mark,)))
        english.append(joint)
        french.extend((form, (joint,)) for form in conjonction.split())
        more, encore = clause(part)
        english += more
        french += encore
    stop = Word(".")
    return finish([*english, stop], [*french, (".", (stop,))])


def clause(node: Clause) -> Phrase:
    """Return a clause in both languages."""
    english, french = nominal(node.subject, relative)
    more, encore = predicate(node.predicate, agreement(node.subject))
    return english + more, french + encore


def relative(node: Relative, head: NounPhrase) -> Phrase:
    """Return a relative clause: who or that, qui; that, que (the participle then agrees with the head)."""
    if node.subject is None:
        pronoun = Word("who" if head.noun.person else "that")
        english, french = predicate(node.predicate, agreement(head))
        return [pronoun, *english], [("qui", (pronoun,)), *french]
    pronoun = Word("that")
    english, french = nominal(node.subject, relative)
    more, encore = predicate(node.predicate, agreement(node.subject), agreement(head))
    return [pronoun, *english, *more], [("que", (pronoun,)), *french, *encore]


def predicate(node: Predicate, subject: Agreement, moved: Agreement | None = None) -> Phrase:
    """Return a predicate in both languages. ``moved``: its object stands before it, as in a que-clause."""
    english_object: list[Word] = []
    clitic: list[French] = []
    french_object: list[French] = []
    if isinstance(node.object, Pronoun):
        english_object = [Word(node.object.english[1])]
        clitic = [(node.object.french[1], (english_object[0],))]
        moved = agreement(node.object)
    elif node.object is not None:
        english_object, french_object = nominal(node.object, relative, bool(node.negation))
    negation, ne, pas = _negation(node.negation)
    often, souvent = _adverb(node.frequency)
    slowly, lentement = _adverb(node.manner)
    if node.verb is None:
        be = Word(_be(node.past, subject))
        english = [be, *negation, *often]
        french = [*ne, (_person(IMPERFECT if node.past else ETRE, subject), (be,)), *pas, *souvent]
    else:
        does, verb, finite, done = _verb(node.verb, node, subject, moved)
        english = [*does, *negation, *often, *verb, *english_object, *slowly]
        french = [*ne, *clitic, finite, *pas, *souvent, *done, *lentement, *french_object]
    more, encore = _rest(node, subject)
    return english + more, french + encore


def _rest(node: Predicate, subject: Agreement) -> Phrase:
    """Return what follows verb and object: a quality, prepositional phrases, a that-clause."""
    english: list[Word] = []
    french: list[French] = []
    if node.quality is not None:
        english, french = _quality(node.quality, subject)
    for part in node.prepositional:
        more, encore = prepositional(part, relative)
        english = english + more
        french = french + encore
    if node.clause is not None:
        that = Word("that")
        more, encore = clause(node.clause)
        english = [*english, that, *more]
        french = [*french, ("que", (that,)), *encore]
    return english, french


def _verb(
    verb: Verb, node: Predicate, subject: Agreement, moved: Agreement | None
) -> tuple[list[Word], list[Word], French, list[French]]:
    """Return does or did, the English verb, the finite French verb and the participle."""
    third = subject.person == 3 and not subject.plural
    does = [Word("did" if node.past else "does" if third else "do")] if node.negation == "not" else []
    form = 0 if does else 2 if node.past else int(third)
    words = [Word(verb.english[form])]
    if verb.particle:
        words.append(Word(verb.particle))
    if not node.past:
        return does, words, (_person(verb.present, subject), (*does, *words)), []
    agreed = subject if verb.moves else moved or Agreement(False, False)
    auxiliary = _person(ETRE if verb.moves else HAVE, subject)
    return does, words, (auxiliary, ((does or words)[0],)), [(agreed.of(verb.participle), tuple(words))]


def _person(forms: tuple[str, str, str, str], subject: Agreement) -> str:
    """Pick among the forms for je, il, nous and ils."""
    return forms[2 * subject.plural + (subject.person == 3)]


def _be(past: bool, subject: Agreement) -> str:
    if past:
        return "were" if subject.plural else "was"
    return "are" if subject.plural else "is" if subject.person == 3 else "am"


def _negation(negation: str) -> tuple[list[Word], list[French], list[French]]:
    """Return the English words, ``ne`` and its second half; ``no longer`` is shared out between the two."""
    if not negation:
        return [], [], []
    words = [Word(form) for form in negation.split()]
    return words, [("ne", (words[0],))], [(SECOND_HALF[negation], (words[-1],))]


def _adverb(adverb: tuple[str, str] | None) -> Phrase:
    if adverb is None:
        return [], []
    word = Word(adverb[0])
    return [word], [(adverb[1], (word,))]


def _quality(node: Quality, subject: Agreement) -> Phrase:
    english, french = _adverb(node.degree)
    word = Word(node.adjective.english)
    return [*english, word], [*french, (subject.of(node.adjective.forms), (word,))]
