"""The words of the news, the most frequent of a class first.

An entry ``long > short`` is said in full by the article and in short by the headline; without ``>`` both say
the same.
"""
