/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - what a manifest says, read and checked
 *
 * Calling sequence: gather facts (lf_facts_new, then what the caller adds),
 * load (lf_manifest_load), and look at the diagnostics: a manifest with errors
 * is still returned, because the marks of its diagnostics point into its text,
 * but can't be planned. Reading runs nothing and looks at no source tree.
 */
#ifndef LINKFARM_MANIFEST_H
#define LINKFARM_MANIFEST_H

#include <linkfarm/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What expansion and conditions may ask. Copies what it is given. */
struct lf_facts;

/**
 * The facts of this system and process: os, arch, host, user, home (of the
 * effective user: $HOME if set and absolute, and the process does not run
 * setuid, else the password database).
 * Fails only without memory; a fact that cannot be had is unset.
 */
LF_PUBLIC bool lf_facts_new(struct lf_facts **ret_facts, struct lf_error *err);
LF_PUBLIC void lf_facts_free(struct lf_facts *facts);
/** Set or replace a fact: "os", "arch", "host", "user", "home" (one that is not absolute
 *  is not known). LF_CODE_INTERNAL for another name. */
LF_PUBLIC bool lf_facts_set(struct lf_facts *facts, const char *name,
                            struct lf_str value, struct lf_error *err);
/** The environment to look names up in, as environ(7); copied. NULL is an empty one. An
 *  absolute HOME in it is the home from then on, unless lf_facts_set() has set that or
 *  the process runs setuid. */
LF_PUBLIC bool lf_facts_set_environment(struct lf_facts *facts,
                                        char *const *environment,
                                        struct lf_error *err);
/** As `--var NAME=VALUE`: wins over `vars` of the manifest. */
LF_PUBLIC bool lf_facts_add_var(struct lf_facts *facts, struct lf_str name,
                                struct lf_str value, struct lf_error *err);
/** Make a profile active. */
LF_PUBLIC bool lf_facts_add_profile(struct lf_facts *facts,
                                    struct lf_str profile,
                                    struct lf_error *err);
/** The value of a fact; data NULL when unset. Borrowed. */
LF_PUBLIC struct lf_str lf_facts_get(const struct lf_facts *facts,
                                     const char *name);

enum lf_conflict {
    LF_CONFLICT_FAIL,
    LF_CONFLICT_SKIP,
    LF_CONFLICT_BACKUP,
    LF_CONFLICT_ADOPT,
};

enum lf_style {
    LF_STYLE_RELATIVE,
    LF_STYLE_ABSOLUTE,
};

enum lf_fold {
    LF_FOLD_NEVER,
    LF_FOLD_AUTO,
};

enum lf_entry_kind {
    LF_ENTRY_LINK,
    LF_ENTRY_TREE,
    LF_ENTRY_DIR,
};

/** An absolute path as spelled: `start`, a slash, and `rest`. What many paths begin
 *  with is there once for all of them. */
struct lf_spelled_path {
    struct lf_str start; /* empty, or begins with a slash and ends in none */
    struct lf_str rest;  /* empty for the root alone */
};

/** One item of the manifest after expansion and conditions. No text is followed by a
 *  NUL. */
struct lf_entry_info {
    enum lf_entry_kind kind;
    enum lf_conflict conflict;
    enum lf_style style;
    enum lf_fold fold;
    bool allow_dangling;
    bool verbatim; /* `to`: `text` is the link text as it stands */
    bool has_mode;
    uint32_t mode;               /* permission bits of a directory */
    struct lf_str name;          /* of a tree; may be empty */
    struct lf_spelled_path path; /* of the link; of a tree, its into */
    /* of a tree, its from; not with `verbatim` */
    struct lf_spelled_path source;
    struct lf_str text; /* with `verbatim` */
    /* of the link path, the tree or the directory; its width is at most UINT16_MAX */
    struct lf_mark mark;
};

struct lf_manifest;

/** How to read a manifest. Zero-initialise and set what is needed. */
struct lf_manifest_request {
    const char *file;             /* path; "-" for standard input */
    struct lf_str text;           /* what is in it, if `data` is set: then it
                                     is not read, and need not exist */
    const struct lf_facts *facts; /* required */
    const char *root;             /* `--root`, absolute; NULL for "/" */
    /*
     * Where profiles come from when `facts` has none: asked once, as soon as
     * the farm's name is known and before a condition is decided. What it
     * returns is copied at once. May be NULL; false, with `err`, ends the load.
     */
    bool (*profiles_for)(void *arg, struct lf_str farm,
                         const struct lf_str **ret_profiles, size_t *ret_count,
                         struct lf_error *err);
    void *profiles_arg;
    unsigned threads; /* that may share the work; 0 and 1: the calling one.
                         What comes out does not depend on it */
};

/**
 * Read `request->file` and all that it includes. Faults are added to `diags`, but
 * by a call that fails none, since their marks point into the manifest. The
 * function fails only when the file cannot be read (LF_CODE_MANIFEST_MISSING,
 * _UNREADABLE, _KIND, _SIZE, _CHANGED), when it is named from a working directory
 * that is not known (LF_CODE_WORKING_DIR), when the root is not absolute or cannot
 * be opened (LF_CODE_ROOT), when `profiles_for` fails, when the user is asked for and
 * cannot be looked up (LF_CODE_SYSTEM), or when memory runs out. The caller frees
 * `*ret_manifest` with lf_manifest_free() after the last use of `diags`.
 */
LF_PUBLIC bool lf_manifest_load(const struct lf_manifest_request *request,
                                struct lf_diags *diags,
                                struct lf_manifest **ret_manifest,
                                struct lf_error *err);
LF_PUBLIC void lf_manifest_free(struct lf_manifest *manifest);

/** The farm's name; empty if the manifest has errors. Borrowed. */
LF_PUBLIC struct lf_str lf_manifest_name(const struct lf_manifest *manifest);
/** Absolute path of the manifest's file; "-" for standard input. Borrowed. */
LF_PUBLIC struct lf_str lf_manifest_file(const struct lf_manifest *manifest);
/** The expanded, absolute `into`; empty if there is none. Borrowed. */
LF_PUBLIC struct lf_str lf_manifest_into(const struct lf_manifest *manifest);
/** The home directory that `~/` meant. Borrowed. */
LF_PUBLIC struct lf_str lf_manifest_home(const struct lf_manifest *manifest);
/** Whether `defaults` say `dangling: allow`. */
LF_PUBLIC bool lf_manifest_allows_dangling(const struct lf_manifest *manifest);
/** The profiles that were active, sorted. Borrowed; `index` below the count. */
LF_PUBLIC size_t lf_manifest_profiles(const struct lf_manifest *manifest);
LF_PUBLIC struct lf_str lf_manifest_profile(const struct lf_manifest *manifest,
                                            size_t index);
/** The entries whose conditions hold, in the order of the text; `index` below the
 *  count. The texts are the manifest's. */
LF_PUBLIC size_t lf_manifest_entries(const struct lf_manifest *manifest);
LF_PUBLIC struct lf_entry_info
lf_manifest_entry(const struct lf_manifest *manifest, size_t index);

/** Rules of `policy`, which `check` holds a farm to. */
enum lf_policy_rule {
    LF_POLICY_DANGLING,
    LF_POLICY_ESCAPE,
    LF_POLICY_WORLD_WRITABLE_PARENT,
    LF_POLICY_ABSOLUTE_INTO_HOME,
    LF_POLICY_LONG_CHAIN,
};
#define LF_POLICY_RULES ((size_t)LF_POLICY_LONG_CHAIN + 1)

/** "dangling", "escape", ... as in a manifest. Static. */
LF_PUBLIC const char *lf_policy_rule_name(enum lf_policy_rule rule);
/** Whether `policy: deny` lists the rule. */
LF_PUBLIC bool lf_manifest_denies(const struct lf_manifest *manifest,
                                  enum lf_policy_rule rule);
/** The directories of `policy: allow_under`, expanded. Borrowed. */
LF_PUBLIC size_t lf_manifest_allowed(const struct lf_manifest *manifest);
LF_PUBLIC struct lf_str
lf_manifest_allowed_under(const struct lf_manifest *manifest, size_t index);

/** A `when`, and whether it held. All texts belong to the manifest. */
struct lf_condition {
    struct lf_mark mark;   /* of the `when` */
    struct lf_mark at;     /* of what it is about; as lf_entry_info.mark */
    struct lf_str subject; /* link path, tree or directory, as written */
    struct lf_str path;    /* where it does not hold: the absolute link path or
                              `into`, as spelled; empty if not known */
    bool is_tree;
    bool holds;
};
/** The conditions that were decided, in the order of the text. Borrowed. */
LF_PUBLIC size_t lf_manifest_conditions(const struct lf_manifest *manifest);
LF_PUBLIC const struct lf_condition *
lf_manifest_condition(const struct lf_manifest *manifest, size_t index);

/** The files that were read: the manifest itself, then what it includes. */
LF_PUBLIC size_t lf_manifest_files(const struct lf_manifest *manifest);
LF_PUBLIC const struct lf_source *
lf_manifest_source(const struct lf_manifest *manifest, size_t index);

#ifdef __cplusplus
}
#endif

#endif
