"""Pictures and their captions, and where it is known the regions of the objects that are seen.

Columns, a row a picture: ``id``; ``picture``, the bytes of an image file as they are; ``captions``, one or
more, as written. Where they are known: ``objects``, how many there are; ``regions``, where each is, see
``regions``; ``links``, triples of a caption, a word of it and the region that this word names, all from 0,
where ``words.words`` says what the words of a caption are, and a word that may mean several regions has a
link to each; and, of generated scenes alone, ``attributes``: shape, colour, texture and size of each region.
"""
