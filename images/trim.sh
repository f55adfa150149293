#!/bin/sh
# Leave out what nothing in a pod reads: pages for notebooks, a library's tests of itself, stubs,
# Arrow's servers and clients (Flight), and the bytecode of Plotly's ten thousand small classes, of
# which a page loads a few. evidently/nbextension stays: every page of Evidently's holds its script.
# usage: trim.sh [VENV]
set -eu
cd "${1:-/opt/venv}"
rm -rf share/jupyter etc/jupyter
cd lib/python3.*/site-packages
rm -rf jupyterlab_plotly evidently/ui/assets Crypto/SelfTest
rm -f pyarrow/libarrow_flight.* pyarrow/libarrow_python_flight.* pyarrow/_flight.*
rm -f pyspark/jars/rocksdbjni-*.jar # 72 MB, for the state of streams; no table of ours is one
find . -name '*.pyi' -delete
[ ! -d plotly ] || find plotly -name '*.pyc' -delete
