#!/bin/sh
# Options and scripts go to node, commands run as they are: as in the image of Docker Hub.
set -e

if [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ] || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
    set -- node "$@"
fi

exec "$@"
