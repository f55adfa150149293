#!/bin/sh
# Install a hashed lock into /opt/venv, then leave nothing there that only installs or tests.
set -eu
/opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps --no-build-isolation -r "$1"
/opt/venv/bin/pip uninstall --quiet --yes uv setuptools pip
cd /opt/venv/lib/python3.*/site-packages
# libraries' own test suites, C headers and stubs for compilers; what Evidently calls tests it needs
find . -path ./evidently -prune -o \
  -type d \( -name tests -o -name include -o -name '*.dSYM' \) -prune -exec rm -rf {} +
find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.a' \) -delete
# Symbols for a linker, 40 MB; a strip can break the libraries that auditwheel moved into *.libs
for package in pyarrow catboost; do
  [ ! -d $package ] || find $package -name '*.so*' -exec strip --strip-unneeded {} +
done
