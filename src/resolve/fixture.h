/* SPDX-License-Identifier: MIT */
/*
 * fixture.h - described trees, entry by entry, as tests and people write them
 *
 * An entry is a list of fields, the first of which says what it makes.
 * Missing parents are plain directories.
 *
 *     d PATH [MODE]   directory; mode in octal
 *     f PATH          file
 *     l PATH TEXT     symbolic link
 *     h OLD PATH      hard link, of a symbolic link itself too
 *     fifo PATH       something else
 *     mount PATH      another file system, mounted at PATH
 *     bind OLD PATH   the directory OLD, mounted again at PATH
 *
 * Of a Windows tree, where a PATH begins with its volume:
 *
 *     vol VOLUME local|remote      a volume; they are implied by use
 *     d PATH, f PATH               directory, file
 *     sd PATH TEXT, sf PATH TEXT   symbolic link, made for a directory or a file
 *     sr PATH SUBSTITUTE RELATIVE ISDIR  one that stores just that; true, false
 *     j PATH TARGET                junction
 *     m PATH VOLUME                mounted folder
 *
 * Reading the file that holds them is the caller's.
 */
#ifndef LF_RESOLVE_FIXTURE_H
#define LF_RESOLVE_FIXTURE_H

#include "resolve/view.h"
#include <linkfarm/resolve_windows.h>

#define LF_FIXTURE_FIELDS ((size_t)5) /* most in one entry */

/** Add one entry to a view of lf_view_memory_new(). LF_CODE_FIXTURE for an
 *  entry that is none of the above, LF_CODE_VIEW_CHANGE for one that cannot be
 *  made in this tree. */
bool lf_fixture_add(struct lf_view *memory, const struct lf_str *fields,
                    size_t n_fields, struct lf_error *err);

/** The same of a Windows tree. */
bool lf_win_fixture_add(struct lf_win_tree *tree, const struct lf_str *fields,
                        size_t n_fields, struct lf_error *err);

#endif
