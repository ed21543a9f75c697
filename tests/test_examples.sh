#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_examples.sh SOURCE_ROOT LINKFARM RESOLVE - the examples do what they say
#
# Prints TAP.

set -u
source_root=$1
linkfarm=$(realpath "$2")
resolve=$(realpath "$3")
scratch=$(mktemp -d "${TMPDIR:-/tmp}/linkfarm-examples-XXXXXX") || exit 1
scratch=$(cd "$scratch" && pwd -P)
trap 'rm -rf "$scratch"' EXIT
count=0 failed=0

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

touch "$scratch/end"
ln -s end "$scratch/link"
law 'resolve.c follows a link' "$scratch/link -> end
$scratch/end: file" "$resolve" "$scratch/link"
law 'resolve.c shows what would be' "$scratch/new -> link
$scratch/link -> end
$scratch/end: file" "$resolve" "$scratch/new" "$scratch/new" link
law 'resolve.c says where it fails' "$scratch/new: ENOENT" \
    "$resolve" "$scratch/new"

export HOME="$scratch/home" XDG_STATE_HOME="$scratch/state" LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_SESSION_TYPE LINKFARM_MANIFEST LINKFARM_STATE_DIR \
    LINKFARM_PROFILE TOOLS_PREFIX
mkdir "$HOME"
cp -R "$source_root/examples/dotfiles" "$source_root/examples/ci-tools" "$HOME"

cd "$HOME/dotfiles" || exit 1
law 'dotfiles: check' \
    'linkfarm.yaml:16:31: the condition does not hold: ~/.gitconfig
linkfarm.yaml:25:34: the condition does not hold: desktop
dotfiles: 10 entries, no findings' "$linkfarm" check
law 'dotfiles: apply' '' "$linkfarm" -q apply
law 'dotfiles: a link' dotfiles/shell/dot-bashrc readlink "$HOME/.bashrc"
law 'dotfiles: the profile' ../dotfiles/git/config-work sh -c \
    "'$linkfarm' -q apply --profile work && echo ../\$(readlink ~/.gitconfig)"
law 'dotfiles: the profile is remembered' dotfiles/git/config-work sh -c \
    "'$linkfarm' -q apply && readlink ~/.gitconfig"
law 'dotfiles: remove' '' "$linkfarm" -q remove
law 'dotfiles: nothing is left' "ci-tools
dotfiles" ls -A "$HOME"

cd "$HOME/ci-tools" || exit 1
law 'ci-tools: apply' '' "$linkfarm" -q apply --var prefix="$scratch/tools"
law 'ci-tools: a tool runs' 'cmake, a stand-in of cmake-3.25' \
    "$scratch/tools/bin/cmake"
law 'ci-tools: the overriding package wins' \
    ../../../../home/ci-tools/pkgs/cmake-3.25/share/man/man1/licences.1 \
    readlink "$scratch/tools/share/man/man1/licences.1"
law 'ci-tools: a whole directory is one link' \
    ../home/ci-tools/pkgs/llvm-14.0.6/lib readlink "$scratch/tools/lib"

# as debootstrap leaves it, as far as the example looks
image=$scratch/image
mkdir -p "$image/etc/systemd/system" "$image/root" "$image/usr/local/bin" \
    "$image/usr/share/zoneinfo/Etc" "$image/var/lib"
touch "$image/usr/share/zoneinfo/UTC" "$image/usr/share/zoneinfo/Etc/UTC"
echo "Debian's" >"$image/root/.profile"
ln -s /usr/share/zoneinfo/Etc/UTC "$image/etc/localtime"
LINKFARM=$linkfarm
export LINKFARM
law 'image: provision' '' sh -c \
    "'$source_root/examples/image/provision' '$image' >/dev/null"
law 'image: a text is as seen from inside' /opt/app/etc/app.service \
    readlink "$image/etc/systemd/system/app.service"
law 'image: and relative ones are' ../../../opt/app/bin/app \
    readlink "$image/usr/local/bin/app"
law 'image: the home is the one inside' /opt/app/etc/profile \
    readlink "$image/root/.profile"
law 'image: the state is inside' 'image: clean, 6 links (generation 1)' \
    "$linkfarm" status --root="$image" --name=image
law 'image: followed from inside' \
    'reaches /usr/share/zoneinfo/UTC, file of 0 bytes; 1 link followed' sh -c \
    "'$linkfarm' resolve --root='$image' /etc/localtime | tail -n 1"
law 'image: remove' '' "$linkfarm" -q remove --root="$image" --name=image
law 'image: what stood there is back' "/usr/share/zoneinfo/Etc/UTC
Debian's" sh -c "readlink '$image/etc/localtime'; cat '$image/root/.profile'"
rm -r "$image/opt"
mkdir "$scratch/elsewhere"
ln -s "$scratch/elsewhere" "$image/opt"
law 'image: a link out of it is not followed' \
    "provision: $image/opt is a symlink" \
    "$source_root/examples/image/provision" "$image"
law 'image: nothing is written there' '' ls -A "$scratch/elsewhere"
echo "1..$count"
exit $failed
