#!/usr/bin/env bash
# All systems on Europarl at scale medium, for a machine with a GPU: bash europarl.sh FOLDER [OPTIONS]
# FOLDER holds europarl_enfr/{train,valid,test}.{en,fr}[.gz], wmt_newstest_enfr/newstest2014.part2003.* and
# wpt03_hansards_gold_align/test.part294.{en,fr,align}[.gz]. Options go to attnbench, such as --out.
set -euo pipefail
folder=${1:?the folder that holds europarl_enfr}
shift
tests=europarl_enfr/test,wmt_newstest_enfr/newstest2014.part2003,wpt03_hansards_gold_align/test.part294
common=(bahdanau2015 --scale medium --data "files:$folder" --set data.train=europarl_enfr/train
        --set data.valid=europarl_enfr/valid --set "data.test=$tests" "$@")
attnbench reproduce "${common[@]}" --systems rnnencdec-50,rnnsearch-50 --seeds 3
attnbench reproduce "${common[@]}" --systems rnnencdec-30,rnnsearch-30,cho2014-grconv,sutskever2014 --seeds 1
