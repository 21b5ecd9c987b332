#!/bin/sh
# Fills /etc/nginx/templates/*.template from the environment. Only variables that are set are
# replaced, so that NGINX's own ($host, $remote_addr) stay.
set -e

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0

defined=$(awk -v filter="${NGINX_ENVSUBST_FILTER:-}" '
    BEGIN { for (name in ENVIRON) if (name ~ filter) printf "${%s} ", name }
')
find -L "$templates" -type f -name "*$suffix" | while read -r template; do
    target="$output/$(basename "$template" "$suffix")"
    envsubst "$defined" <"$template" >"$target"
done
