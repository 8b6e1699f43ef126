"""Where pictures with captions can be had, and how their plain files look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attnbench.corpora.captions.words import words
from attnbench.corpora.catalogue import Entry

if TYPE_CHECKING:
    from datasets import Dataset


def _objects(split: Dataset) -> list[float]:
    """Return how many objects each picture has; nothing where that is not known."""
    return list(split["objects"]) if "objects" in split.column_names else []


def _words(split: Dataset) -> list[float]:
    """Return how many words a caption of each picture has, on average over its captions."""
    return [float(np.mean([len(words(one)) for one in captions])) for captions in split["captions"]]


LENGTHS = {"objects": _objects, "target-length": _words}
"""How the task's lengths are measured in a raw split."""

LABELS = ()

GOLD = "links"
"""The column that is there where it is known which words name which regions."""

ENTRIES = (
    Entry(
        name="embedded-scenes",
        task="captioning",
        data="embedded",
        licence="Apache-2.0, as attnbench",
        size="rendered from a seed, as many scenes as the scale asks for",
        page="attnbench/corpora/captions/embedded.py",
        note="needs no network and no files; one to six objects, and every object's region is known exactly",
    ),
    Entry(
        name="flickr8k",
        task="captioning",
        settings="data.train=flickr8k/train data.valid=flickr8k/dev data.test=flickr8k/test",
        licence="none stated there; the photos are Flickr users' own",
        size="6,000 train, 1,000 dev, 1,000 test, five captions each",
        page="https://huggingface.co/datasets/jxie/flickr8k",
        note="the paper's smallest; photos in a tar file beside captions.jsonl, and any size of them will do",
    ),
    Entry(
        name="flickr8k-hub",
        task="captioning",
        data="hub:jxie/flickr8k",
        licence="none stated there; the photos are Flickr users' own",
        size="6,000 train, 1,000 validation, 1,000 test, five captions each; 275 MB",
        page="https://huggingface.co/datasets/jxie/flickr8k",
        note="the same, whole, from the hub",
    ),
    Entry(
        name="flickr30k",
        task="captioning",
        data="hub:umaru97/flickr30k_train_val_test",
        licence="none stated there; the photos are Flickr users' own",
        size="29,000 train, 1,014 val, 1,000 test, five captions each; 4.3 GB",
        page="https://huggingface.co/datasets/umaru97/flickr30k_train_val_test",
        note="in Karpathy's splits",
    ),
    Entry(
        name="coco",
        task="captioning",
        data="hub:bitmind/MS-COCO",
        licence="none stated there; the photos are Flickr users' own",
        size="566,747 train, 25,010 validation, 25,010 test rows, a row a caption; 21 GB",
        page="https://huggingface.co/datasets/bitmind/MS-COCO",
        note="COCO 2014 in Karpathy's splits, restval within train; data.limit streams it",
    ),
    Entry(
        name="coco-karpathy",
        task="captioning",
        settings="data.train=train,restval data.valid=val data.test=test",
        licence="none stated there; the photos are Flickr users' own",
        size="of COCO 2014: 82,783 train, 30,504 restval, 5,000 val, 5,000 test",
        page="https://www.tensorflow.org/datasets/catalog/coco_captions",
        note="DIR holds one dataset_NAME.json as Karpathy gave it out, of COCO, Flickr8k or Flickr30k, and "
        "the photos in folders beside it; restval is COCO's alone",
    ),
    Entry(
        name="coco_mini",
        task="captioning",
        settings="data.train=flickr8k/train data.valid=flickr8k/dev "
        "data.test=flickr8k/test,coco_mini/region_eval",
        licence="none stated there; each photo has its own Creative Commons licence",
        size="129 photos of COCO 2017, five captions each, 1,060 outlined objects of 80 categories",
        page="https://github.com/Obmutescence/COCO-MINI",
        note="to see whether attention finds what a word names; too small to learn from; words are linked to "
        "regions by a list of nouns",
    ),
)

FORMAT = """\
files:DIR holds pictures and a file that says which captions they have, a picture a row:
  captions.jsonl or captions.tsv    UTF-8 without NUL, may be packed (.gz); jsonl: an object a line; tsv: a
                                    header line with the names of the columns, blanks kept, no quoting
  captions_regions.jsonl            instead: the same, and where objects are
  *.jpg *.png *.gif *.webp ...      pictures (also bmp, tiff, ppm), as they are or inside plain tar files
                                    beside the file of captions, which are never unpacked; the content tells
                                    the kind
A line ends with LF or CR LF and with nothing else, such as U+2028.
Fields or columns, in any order, others passed over; of several names the first that is there is read:
  file                           the picture: a path relative to the file of captions, or a name in a tar file
  split                          the set it belongs to, such as train, dev, test
  captions, caption              in jsonl a list of texts, or one; in tsv one; rows of a picture are joined
  objects                        optional, jsonl alone: a list of the objects that are outlined
An object is {"category": "dining table", "polygons": [[x, y, x, y, ...], ...]}, or has, without polygons,
"box": [left, top, right, bottom]; all are fractions of the picture's width and height. Which word of a
caption names which object is told by a list of what captions call COCO's 80 categories; see
attnbench/corpora/captions/naming.py for what it misses. Attention is scored on sets with objects.
Or DIR holds a dataset_NAME.json as Karpathy gave them out, and its photos in folders or tar files beside it;
its sets are train, val, test and COCO's restval.
Captions are read in lower case; punctuation marks are words of their own.
Pictures are read as red, green and blue: grey, palette, CMYK and 16-bit ones are converted, what shows
through lies on white, and a photo that says which side is up is turned.
Settings:
  data.train=a,b/c               names: values of split, after the folder of their file in DIR, if it lies
                                 deeper; several are joined
  data.valid=d                   the same
  data.test=e,f/g                each a test set of its own, called by its last part where it alone has that
  data.limit=1000                the first so many training pictures only
  data.captions=5                the first so many captions of a picture
  data.encoder=DIR/NAME.npz      what makes annotations of pictures; or torchvision:vgg19
  data.fit=crop                  the middle of the picture is seen; squeeze: all of it, made square
Left out, the names are: train; valid, val, dev or validation; test.
Pictures are left out of every set, and how many were is told with the first file: those that cannot be read
(no picture, cut short, more than 67,108,864 pixels; a large JPEG file is decoded at a part of its size),
those without captions and, where objects are outlined, those without objects. Told, too, are those with a
caption without words, which is dropped. A file that is missing stops the reading.
hub: sets have a column image and captions in caption_0, caption_1, ..., or in captions, caption,
sentences_raw, sentences, alt_text or text: a text, an object with raw, or a list of these; rows in a row with
the same picture are one. Where they have a column split, test/train names the rows of test that are of train.
"""
