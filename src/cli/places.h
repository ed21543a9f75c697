/* SPDX-License-Identifier: MIT */
/*
 * places.h - where things are: the state, the manifest, the home directory
 *
 * Looks at options and environment; the only looks at the disk are those for a
 * manifest and for the physical home. All results are heap memory that the
 * caller frees.
 */
#ifndef LF_CLI_PLACES_H
#define LF_CLI_PLACES_H

#include "cli/options.h"

/** Whether something was named: LF_CODE_RESOLVE_REQUEST for an empty path. */
bool lf_place_given(const char *path, struct lf_error *err);

/**
 * Where `path`, as typed, starts: the working directory, or NULL for one that
 * begins at the root. That one, and any `in_root`, works wherever we are.
 */
bool lf_place_start(const char *path, bool in_root, char **ret_start,
                    struct lf_error *err);

/** `path`, made absolute by the working directory; dots are left alone. */
bool lf_place_absolute(const char *path, char **ret_path, struct lf_error *err);

/**
 * `--state-dir`, else DIR/var/lib/linkfarm of `--root`, else
 * $LINKFARM_STATE_DIR, else $XDG_STATE_HOME/linkfarm; for root without
 * XDG_STATE_HOME /var/lib/linkfarm, else ~/.local/state/linkfarm. `home` may be
 * empty. LF_CODE_NO_STATE_DIR.
 */
bool lf_place_state(const struct lf_options *options, struct lf_str home,
                    char **ret_path, struct lf_error *err);

/**
 * The manifest: `operand` if not NULL, else $LINKFARM_MANIFEST, else
 * linkfarm.yaml in the working directory, else
 * $XDG_CONFIG_HOME/linkfarm/linkfarm.yaml. NULL where there is none.
 */
bool lf_place_manifest(const char *operand, struct lf_str home, char **ret_path,
                       struct lf_error *err);

/** What $LINKFARM_MANIFEST names; NULL where it is not set, or empty. Borrowed from the
 *  environment. */
const char *lf_place_variable(void);

/** Whether something stands at `path`, which a NUL follows; not where it is no absolute
 *  one. */
bool lf_place_stands(struct lf_str path);

/** The file `path`, absolute and without dots, as manifests are named. */
bool lf_place_settled(const char *path, char **ret_path, struct lf_error *err);

/** The physical path of `home` inside `root` (NULL: "/"); NULL if it cannot be
 *  resolved. */
bool lf_place_home(const char *root, struct lf_str home, char **ret_path,
                   struct lf_error *err);

#endif
