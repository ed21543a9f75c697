#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_dev.sh - what `dev` says on machines where things are missing
#
# A PATH of our own stands in for such a machine. Prints TAP.

set -eu
dev=$(cd "$(dirname "$0")/.." && pwd -P)/dev
scratch=$(mktemp -d "${TMPDIR:-/tmp}/lf-dev-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
for tool in cat cksum cut dirname env find grep head id mkdir sed sh sort tr; do
    ln -s "$(command -v $tool)" "$scratch/bin/$tool"
done
number=0
failed=0

# Run dev on the bare machine; its exit status and output are kept.
on_bare_machine() {
    status=0
    output=$(env -i PATH="$scratch/bin" HOME="$scratch" \
        LF_BUILD_DIR="$scratch/build" "$dev" "$@" 2>&1 </dev/null) || status=$?
}

# Make a command of the bare machine; its body comes from standard input.
command_on_it() {
    {
        echo '#!/bin/sh'
        cat
    } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# The law, the status that is due, and a pattern that the last line matches.
holds() {
    number=$((number + 1))
    last=$(printf '%s\n' "$output" | tail -n 1)
    # shellcheck disable=SC2254 # a pattern is meant
    if [ "$status" -eq "$2" ]; then
        case $last in
        $3)
            echo "ok $number - $1"
            return
            ;;
        esac
    fi
    failed=1
    echo "not ok $number - $1"
    echo "# exit $status, wanted $2; the last line should match: $3"
    printf '%s\n' "$output" | sed 's/^/# /'
}

echo 1..13

on_bare_machine help
holds 'help needs nothing' 0 '*help *this'
on_bare_machine
holds 'no command is help' 0 '*help *this'
on_bare_machine nonsense
holds 'an unknown command is a usage error' 64 "dev: no command 'nonsense'"
on_bare_machine format --help
holds 'a question about a command does not run it' 0 '*help *this'
on_bare_machine build src/linkfarm
holds 'what a command does not take is a usage error' 64 \
    "dev: build takes no 'src/linkfarm'"
on_bare_machine format --chek
holds 'and changes no file' 64 "dev: format takes --check alone, not '--chek'"
on_bare_machine races 1m
holds 'as is what is no number' 64 "dev: '1m' is no number of seconds"

on_bare_machine build
holds 'without a package manager the packages are named' 69 \
    'dev: missing; install *gcc *meson *'

command_on_it dnf <<'E2'
exit 1
E2
on_bare_machine build
holds 'another distribution gets its own command' 69 \
    'sudo dnf install gcc *libyaml-devel*'
on_bare_machine test
holds 'the tests need more than the build' 69 \
    'sudo dnf install *libcmocka-devel*stow*'
rm "$scratch/bin/dnf"

command_on_it apt-get <<E2
echo "\$*" >>"$scratch/apt.log"
exit 1
E2
if [ "$(id -u)" -eq 0 ]; then
    prefix=''
else
    prefix='sudo '
fi
on_bare_machine build
holds 'when apt-get fails, the one command is printed' 69 \
    "${prefix}apt-get update && ${prefix}apt-get install -y --no-install-recommends gcc *meson*"

command_on_it sudo <<E2
[ "\$1" = -n ] && exit 0
echo "sudo \$*" >>"$scratch/apt.log"
"\$@"
E2
on_bare_machine build
output=$(cat "$scratch/apt.log" 2>/dev/null || :)
holds 'apt-get is called without questions, as root or through sudo' 69 '-y -qq *'

command_on_it cc <<'E2'
exit 0
E2
on_bare_machine build
case $output in *' gcc '* | *libc6-dev*) status=1 ;; esac
holds 'what is there is not asked for' 69 '*meson*'

exit $failed
