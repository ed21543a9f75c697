/* SPDX-License-Identifier: MIT */
/*
 * fixture_lines.h - which file, and which line of it, a fixture's name means
 */
#ifndef LF_CLI_FIXTURE_LINES_H
#define LF_CLI_FIXTURE_LINES_H

#include <linkfarm/error.h>

/**
 * Read the file that `name`, FILE or FILE#ID, is about: its whole text, to be
 * freed, and FILE, borrowed from `name`. A file whose name has a `#` comes
 * first. Fails as lf_read_manifest() does.
 */
bool lf_fixture_find(const char *name, struct lf_str *ret_text,
                     struct lf_str *ret_file, struct lf_error *err);

/**
 * Of JSON lines, `*ret_only` becomes the text with one case left in its line,
 * so that places in it are those of the file; the caller frees it. NULL where
 * the text is something else. `id` may be NULL. LF_CODE_FIXTURE for a line that
 * is no case, an `id` that no case has, and several cases without an `id`.
 */
bool lf_fixture_choose(const struct lf_source *source, const char *id,
                       char **ret_only, struct lf_error *err);

#endif
