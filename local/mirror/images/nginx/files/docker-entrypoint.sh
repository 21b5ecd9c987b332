#!/bin/sh
# Runs what /docker-entrypoint.d holds before NGINX starts: as in the image of Docker Hub.
set -e

log() {
    if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then
        echo "docker-entrypoint.sh: $*"
    fi
}

if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then
    for script in /docker-entrypoint.d/*; do
        case "$script" in
            *.envsh)
                log "sourcing $script"
                . "$script"
                ;;
            *.sh)
                if [ -x "$script" ]; then
                    log "launching $script"
                    "$script"
                fi
                ;;
        esac
    done
fi

exec "$@"
