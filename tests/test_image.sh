#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_image.sh SOURCE_ROOT LINKFARM [SUITE|TREE] - examples/image, on Debian
#
# Provisions a Debian system, made by mmdebstrap or debootstrap, or copied from
# TREE, a directory that holds one; goes in by chroot, and takes everything
# away again. Needs root. Prints TAP.

# Words in single quotes are for the shells that law starts.
# shellcheck disable=SC2016
set -u
example=$1/examples/image
linkfarm=$(realpath "$2")
from=${3:-bookworm}
if [ "$(id -u)" -ne 0 ]; then
    echo "test_image.sh: needs root, to make a system and to go into it" >&2
    exit 77
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/linkfarm-image-XXXXXX") || exit 1
image=$scratch/image
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
count=0 failed=0
export LINKFARM="$linkfarm" LC_ALL=C.UTF-8 HOME=/root
unset XDG_CONFIG_HOME XDG_STATE_HOME LINKFARM_MANIFEST LINKFARM_STATE_DIR \
    LINKFARM_PROFILE

# law TITLE WANTED COMMAND...: what the command prints
law() {
    title=$1
    wanted=$2
    shift 2
    count=$((count + 1))
    got=$("$@" 2>&1)
    if [ "$got" = "$wanted" ]; then
        echo "ok $count - $title"
    else
        failed=1
        echo "not ok $count - $title"
        printf '%s\n' "$got" | sed 's/^/#   /'
    fi
}

# shellcheck disable=SC2317 # law calls it
inside() {
    chroot "$image" "$@"
}

# Every node but what the example itself copied and the state.
listing() {
    (cd "$image" && find . -path ./opt/app -prune -o \
        -path ./var/lib/linkfarm -prune -o \
        -printf '%p\t%y\t%#m\t%U:%G\t%l\t%i\n' | LC_ALL=C sort)
}

# The program and the libraries that it wants, where the system finds them.
install_program() {
    for file in "$linkfarm" $(ldd "$linkfarm" | grep -o '/[^ ]*'); do
        [ -e "$image$file" ] && [ "$file" != "$linkfarm" ] && continue
        case $file in
        "$linkfarm") cp "$file" "$image/usr/local/sbin/linkfarm" ;;
        *) mkdir -p "$image${file%/*}" && cp -L "$file" "$image$file" ;;
        esac
    done
}

mkdir "$image"
if [ -d "$from" ]; then
    cp -a "$from/." "$image"
else
    "$example/provision" "$image" "$from" >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 1
    }
    "$linkfarm" -q remove --root="$image" --name=image || exit 1
    rm -r "$image/var/lib/linkfarm"
fi
install_program
listing >"$scratch/before"

law 'it is provisioned' 'Applied: 4 created, 2 replaced; image is at generation 1.' \
    sh -c '"$1" "$2" | tail -n 1' - "$example/provision" "$image"
law 'once more changes nothing' 'image: nothing to do, 6 unchanged.' \
    "$example/provision" "$image"
law 'a link with a relative text' ../../../opt/app/bin/app \
    inside readlink /usr/local/bin/app
law 'the app runs' 'the app, installed in /opt/app/bin' \
    inside /usr/local/bin/app
law 'the time zone' UTC inside date +%Z
law 'every link leads to a file of the system' '' inside sh -c '
    for link in /usr/local/bin/app /etc/localtime /root/.profile \
        /etc/systemd/system/app.service \
        /etc/systemd/system/multi-user.target.wants/app.service; do
        [ -L "$link" ] && [ -f "$link" ] || echo "$link"
    done'
law 'what Debian had is kept' 2 sh -c \
    'ls "$1/var/lib/linkfarm/displaced/"* | wc -l' - "$image"
law 'seen from inside it is as it should be' \
    'image: clean, 6 links (generation 1)' \
    inside linkfarm status --name=image
law 'the system goes on with it' '' \
    inside linkfarm -q apply /opt/app/linkfarm.yaml
law 'from outside, too' 'image: clean, 6 links (generation 2)' \
    "$linkfarm" status --root="$image" --name=image
law 'it is all taken away' '' \
    "$linkfarm" -q remove --root="$image" --name=image
listing >"$scratch/after"
law 'and every node is the one that stood there before' '' \
    diff "$scratch/before" "$scratch/after"
echo "1..$count"
exit $failed
