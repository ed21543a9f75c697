#!/bin/sh
# SPDX-License-Identifier: MIT
#
# test_install.sh SOURCE_ROOT BUILD_ROOT - what is installed, and that it serves
#
# Installs into a scratch directory, compiles each header alone and a program
# against the shared and the static library as pkg-config tells, and runs all.
# Prints TAP.

set -u
source_root=$1
build_root=$2
scratch=$(mktemp -d "${TMPDIR:-/tmp}/linkfarm-install-XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
count=0 failed=0

law() {
    title=$1
    shift
    count=$((count + 1))
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok $count - $title"
    else
        failed=1
        echo "not ok $count - $title"
        sed 's/^/#   /' "$scratch/log"
    fi
}

# shellcheck disable=SC2317 # called by law
has() { find "$scratch/root" -path "*/$1" | grep -q .; }

law 'meson install' env DESTDIR="$scratch/root" \
    meson install -C "$build_root" --no-rebuild --quiet
for file in bin/linkfarm 'lib*/liblinkfarm.so' 'lib*/liblinkfarm.so.0' \
    'lib*/liblinkfarm.a' 'pkgconfig/linkfarm.pc' include/linkfarm/linkfarm.h \
    man1/linkfarm.1 man5/linkfarm.yaml.5 \
    share/linkfarm/linkfarm-1.schema.json share/linkfarm/output-1.schema.json; do
    law "$file is installed" has "$file"
done

prefix=$(dirname "$(dirname "$(find "$scratch/root" -name linkfarm -path '*/bin/*')")")
pc=$(dirname "$(find "$scratch/root" -name linkfarm.pc)")
libdir=$(dirname "$pc")
include="-I$prefix/include"
cc=${CC:-cc}

for header in "$source_root"/include/linkfarm/*.h; do
    name=$(basename "$header")
    [ "$name" != codes.h ] || continue
    echo "#include <linkfarm/$name>" >"$scratch/alone.c"
    # shellcheck disable=SC2086 # CC may hold options
    law "$name alone, as C17" $cc -std=c17 -Wall -Wextra -Wpedantic -Werror \
        -fsyntax-only "$include" "$scratch/alone.c"
    if command -v c++ >/dev/null; then
        law "$name alone, as C++17" c++ -std=c++17 -Wall -Wextra -Wpedantic \
            -Werror -fsyntax-only -x c++ "$include" "$scratch/alone.c"
    fi
done

cat >"$scratch/use.c" <<'EOF'
#include <linkfarm/linkfarm.h>
#include <stdio.h>

int main(void)
{
    struct lf_view *view;
    struct lf_facts *facts;
    struct lf_manifest *manifest;
    struct lf_diags *diags = lf_diags_new(1);
    struct lf_error err;
    if (!lf_view_open("/", &view, &err))
        return 1;
    lf_view_free(view);
    /* which takes libyaml */
    if (!diags || !lf_facts_new(&facts, &err))
        return 1;
    struct lf_manifest_request request = {
        .file = "none", .text = LF_STR("version: 1"), .facts = facts};
    if (!lf_manifest_load(&request, diags, &manifest, &err))
        return 1;
    lf_manifest_free(manifest);
    lf_diags_free(diags);
    lf_facts_free(facts);
    puts(lf_version());
    return 0;
}
EOF
# the paths in the .pc file are those of the real prefix
flags=$(PKG_CONFIG_PATH=$pc pkg-config --define-variable=prefix="$prefix" \
    --define-variable=libdir="$libdir" --cflags --libs linkfarm)
# shellcheck disable=SC2086 # lists of words
law 'a program links the shared library' $cc -std=c17 "$scratch/use.c" $flags \
    "$include" "-L$libdir" -o "$scratch/shared"
law 'and runs' env LD_LIBRARY_PATH="$libdir" "$scratch/shared"
# With the archive alone, -llinkfarm is that, and what it takes has to be named.
mkdir "$scratch/archive"
ln -s "$libdir/liblinkfarm.a" "$scratch/archive"
static=$(PKG_CONFIG_PATH=$pc pkg-config \
    --define-variable=prefix="$prefix" \
    --define-variable=libdir="$scratch/archive" \
    --static --cflags --libs linkfarm)
# shellcheck disable=SC2086 # lists of words
law 'a program links the static library' $cc -std=c17 "$scratch/use.c" \
    $static -o "$scratch/static"
law 'and runs without it' "$scratch/static"
# shellcheck disable=SC2086 # lists of words
law 'the archive has machine code, whatever compiler links it' $cc -std=c17 \
    -fno-lto -fno-use-linker-plugin "$scratch/use.c" $static \
    -o "$scratch/plain"
law 'the program says the same version' test \
    "linkfarm $("$scratch/static")" = "$("$prefix/bin/linkfarm" version)"
echo "1..$count"
exit $failed
