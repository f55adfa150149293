#!/bin/sh
# Leave out what nothing in a pod reads: pages for notebooks, a library's tests of itself, stubs,
# and the bytecode of Plotly's ten thousand small classes, of which a page loads a few.
set -eu
cd /opt/venv
rm -rf share/jupyter etc/jupyter
cd lib/python3.*/site-packages
rm -rf jupyterlab_plotly evidently/nbextension evidently/ui/assets Crypto/SelfTest
find . -name '*.pyi' -delete
[ ! -d plotly ] || find plotly -name '*.pyc' -delete
