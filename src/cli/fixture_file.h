/* SPDX-License-Identifier: MIT */
/*
 * fixture_file.h - a described tree, read from a file
 *
 * The file is YAML: a mapping with the entries (resolve/fixture.h) under
 * `tree`, or these entries alone. `cwd` is where relative paths start,
 * `flavour` whose tree it is, `drive_cwd` the current directories of drives;
 * `opts` may hold `policy` and `cross_volume` of the Windows machine. Any other
 * key is left alone, so that a case of the tests is such a file too.
 *
 * JSON lines hold a case on each line. FILE#ID names one of them by its `id`,
 * and must where there are several.
 */
#ifndef LF_CLI_FIXTURE_FILE_H
#define LF_CLI_FIXTURE_FILE_H

#include "cli/cli.h"
#include "manifest/syntax.h"
#include <linkfarm/resolve_windows.h>

/** Texts are borrowed from `arena`. */
struct lf_fixture {
    struct lf_arena arena;
    char *text;              /* of the file */
    char *only;              /* the same with one of its lines left */
    struct lf_document file; /* errors and diagnostics point into it */
    struct lf_diags *diags;
    bool windows;
    struct lf_view *view;     /* POSIX */
    struct lf_win_tree *tree; /* Windows */
    struct lf_str cwd;
    struct lf_str *drives; /* current directories */
    size_t n_drives;
    unsigned policy; /* enum lf_win_policy */
    bool cross_volume;
};

/**
 * Read the tree that `name` describes. `flavour` is "posix", "windows", or NULL
 * for what the file says. Returns 0, or the exit status, having said what is
 * wrong. The caller frees with lf_fixture_finish() in any case.
 */
int lf_fixture_read(struct lf_cli *cli, const char *name, const char *flavour,
                    struct lf_fixture *ret);
void lf_fixture_finish(struct lf_fixture *fixture);

#endif
