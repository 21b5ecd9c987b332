/**
 * Shell scripts of the pods, for the Debian image of NGINX (sh, bash, sed). They take everything from their environment:
 * STATE_DIRECTORY (writable, in memory: it holds the key), CONFIGURATION_HOST and CONFIGURATION_PORT, CERTIFICATE_DIRECTORY (empty behind a proxy that
 * terminates TLS), INTERVAL_SECONDS.
 */

/** Completes a configuration in a directory with what depends on the pod; `loadedFiles` lists the files. */
const complete = String.raw`
# NGINX does not read resolv.conf. Services and pods have the family of the cluster's DNS: one question for each name.
nameservers() {
    servers="" families=""
    while read -r keyword address rest; do
        [ "$keyword" = nameserver ] || continue
        case "$address" in
            *:*) servers="$servers[$address] " families="$families"6 ;;
            *) servers="$servers$address " families="$families"4 ;;
        esac
    done < "${"$"}{RESOLV_CONF:-/etc/resolv.conf}"
    case "$families" in
        *4*6* | *6*4*) echo "$servers" ;;
        4*) echo "$servers"ipv6=off ;;
        6*) echo "$servers"ipv4=off ;;
        *) echo "no nameserver in /etc/resolv.conf" >&2; return 1 ;;
    esac
}

metrics() {
    text='nginx_up 1\nnginx_connections_accepted $connection\n'
    if nginx -V 2>&1 | grep -q stub_status; then
        for state in active reading writing waiting; do
            text="$text"'nginx_connections_'$state' $connections_'$state'\n'
        done
    fi
    printf 'location = /metrics {\n    return 200 "%s";\n}\n' "$text"
}

# check DIRECTORY: prints what NGINX says against it
check() {
    said=$(nginx -q -t -c "$1/nginx.conf" 2>&1) && return 0
    printf '%s\n' "$said" | sed -n -E '/\[(emerg|alert|crit|error)\]/{s/^[^[]*(\[[a-z]+\]) ([0-9]+#[0-9]+: )?/nginx: \1 /;s/ in [^ ]*\/(nginx.conf:[0-9]+)$/ in \1/;p;q;}'
    return 1
}

# complete SOURCE DIRECTORY
complete() {
    addresses=$(nameservers) &&
        sed "s/nameservers-of-the-pod/$addresses/" "$1" > "$2/nginx.conf" &&
        metrics > "$2/metrics.conf"
}
`;

/**
 * Writes the log of NGINX as JSON, without what follows a question mark: NGINX logs the request line with each error, and
 * queries may contain secrets.
 */
const logFilter = String.raw`
log() {
    sed -u -E -e 's/[?].*$/?/' -e 's/["\\]/\\&/g' -e 's/[[:cntrl:]]/ /g' \
        -e 's/^([0-9/]+ [0-9:]+) \[([a-z]+)\] (.*)$/{"time":"\1","level":"\2","message":"\3"}/' \
        -e '/^\{"time"/!s/^(.*)$/{"level":"notice","message":"\1"}/' >&2
}
say() { echo "$(date '+%Y/%m/%d %H:%M:%S') [$1] $2" | log; }
`;

/**
 * Starts NGINX with the configuration that is offered, and loads again whenever configuration or certificate change. NGINX
 * tests both in a directory of their own; what it refuses is logged in its own words, and the previous ones go on serving.
 */
export const startScript = String.raw`set -eu
cd "$STATE_DIRECTORY"
${complete}${logFilter}
# GET from the configuration server, by bash: the image of NGINX may lack curl.
fetch() {
    timeout 5 bash -c 'exec 3<> "/dev/tcp/$1/$2" && printf "GET /%s HTTP/1.0\r\n\r\n" "$3" >&3 && {
        read -r protocol status rest && [ "$status" = 200 ] || exit 1
        while read -r header && [ "$header" != "$4" ]; do :; done
        cat
    } <&3' fetch "$CONFIGURATION_HOST" "$CONFIGURATION_PORT" "$1" "$(printf '\r')" 2> /dev/null
}

# A revision is '<time>-<hash>'. Pods of the configuration server are replaced one by one, so an earlier one counts only
# when the present one has not been offered for 30 looks.
since=0 hash=none missed=0
[ -f offered ] && read -r since hash < offered
look() {
    revision=$(fetch revision) || return 0
    if [ "${"$"}{revision#*-}" = "$hash" ]; then missed=0; return 0; fi
    missed=$((missed + 1))
    [ "${"$"}{revision%%-*}" -gt "$since" ] || [ "$missed" -gt 30 ] || return 0
    fetch "$revision/nginx.conf" > fetched.conf && mv fetched.conf offered.conf || return 0
    since=${"$"}{revision%%-*} hash=${"$"}{revision#*-} missed=0
    echo "$since $hash" > offered
}

# Loads what is there now, once. A Secret may change while it is copied, so the copy decides.
tried="" slot=1
load() {
    [ -f offered.conf ] || return 0
    rm -rf next && mkdir next
    cp offered.conf next/nginx.conf
    for file in tls.crt tls.key; do
        [ -z "$CERTIFICATE_DIRECTORY" ] || cp "$CERTIFICATE_DIRECTORY/$file" next/ 2> /dev/null || return 0
    done
    copied=$(cat next/* | cksum)
    [ "$copied" != "$tried" ] || return 0
    tried=$copied
    complete offered.conf next || return 0
    if [ -z "$CERTIFICATE_DIRECTORY" ]; then : > next/tls.conf; else
        printf 'ssl_certificate tls.crt;\nssl_certificate_key tls.key;\n' > next/tls.conf
    fi
    if refusal=$(check "$PWD/next"); then
        slot=$((3 - slot))
        rm -rf "slot-$slot" && mv next "slot-$slot" && ln -sfn "slot-$slot" active
        [ "$1" = first ] || kill -HUP $$
        say notice "configuration $hash loaded"
    else
        say error "configuration $hash not loaded: $refusal"
    fi
}

while look; load first; [ ! -e active ]; do sleep "$INTERVAL_SECONDS"; done
# The certificate is looked at more seldom: a Secret takes a minute to arrive.
(turn=0 had=$hash
while sleep "$INTERVAL_SECONDS"; do
    look
    turn=$(((turn + 1) % 10))
    [ "$had" = "$hash" ] && [ "$turn" -gt 0 ] && continue
    had=$hash
    load again
done) &
rm -f errors && mkfifo errors
log < errors &
exec nginx -c "$PWD/active/nginx.conf" -g "daemon off;" 2> errors
`;

/**
 * Checks a configuration as the gateway will, with NGINX itself, and offers it below `served` with its revision. What NGINX
 * says is the message with which the container ends.
 */
export const checkScript = String.raw`set -eu
cd "$STATE_DIRECTORY"
${complete}
rm -rf check served && mkdir check served
cat "$PARTS_DIRECTORY"/*/part > offered.conf
complete offered.conf check
echo "ssl_reject_handshake on;" > check/tls.conf
if ! refusal=$(check "$PWD/check"); then
    echo "$refusal" | tee "${"$"}{TERMINATION_LOG:-/dev/termination-log}" >&2
    exit 1
fi
revision=$(date +%s)-$(sed -n '1s/^# //p' offered.conf)
mkdir "served/$revision" && mv offered.conf "served/$revision/nginx.conf"
echo "$revision" > served/revision
`;
