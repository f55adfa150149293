#!/bin/sh
# Before an executor's pod goes: let it hand its blocks to the others, for as long as it is given.
executor=$(pidof java) || exit 0
kill -s PWR "$executor"
timeout "${1:-60}" tail --pid="$executor" --follow /dev/null
exit 0
