/* SPDX-License-Identifier: MIT */
/*
 * loader.h - the state of reading a manifest, and its stages
 *
 * Stages, each a file: read (bytes of files), include (which files), build and
 * its parts (entries from nodes, after expansion and conditions).
 */
#ifndef LF_MANIFEST_LOADER_H
#define LF_MANIFEST_LOADER_H

#include "base/buf.h"
#include "manifest/expansion.h"
#include "manifest/model.h"
#include "manifest/schema.h"
#include "platform/fs.h"
#include <linkfarm/resolve.h>

/** A file of the manifest, while it is read. */
struct lf_file {
    struct lf_document *document;
    struct lf_str path; /* absolute, in the process's terms */
    struct lf_str dir; /* where relative sources start: as seen from `--root` */
    bool inside;       /* it lies in `--root`, and so does what it includes */
    uint64_t dev, ino;
    uint32_t parent;     /* index of the file that includes it */
    struct lf_mark mark; /* where it does */
};

/** What a relative path starts at. */
enum lf_start {
    LF_START_SOURCE, /* `from` */
    LF_START_INTO,   /* `into` */
    LF_START_FILE,   /* the directory of the file */
};
#define LF_STARTS ((unsigned)LF_START_FILE + 1)

struct lf_loader {
    const struct lf_manifest_request *request;
    struct lf_manifest *manifest;
    struct lf_diags *diags;
    struct lf_error *err;
    struct lf_fs fs;
    struct lf_scope scope;
    /* nodes of all files, with their texts: what the manifest is to keep of them is
     * copied */
    struct lf_arena nodes;
    struct lf_file files[LF_INCLUDE_LIMIT + 1];
    uint32_t n_files;
    uint32_t current;   /* file that is being built */
    struct lf_str from; /* where relative sources of it start */
    bool into_lost;     /* the manifest has an into, which was faulty */
    struct lf_entry defaults;
    struct lf_buf scratch; /* for expansion */
    struct lf_buf tidied;  /* the path that was built last */
    struct {
        struct lf_str given; /* data NULL: not known yet */
        uint16_t index;  /* of what it is, tidied, in the manifest's starts */
    } starts[LF_STARTS]; /* where relative paths start */
    /* for `exists`, opened when first asked */
    struct lf_view *view;
    struct lf_resolver *resolver;
};

/**
 * Read the whole file at `path` ("-": standard input) into `ret_text`, which
 * the caller frees, and say which file it was. Fails with MANIFEST_MISSING,
 * _UNREADABLE, _KIND, _SIZE or _CHANGED.
 */
bool lf_read_manifest(struct lf_fs *fs, struct lf_str path,
                      struct lf_str *ret_text, struct lf_node *ret_node,
                      struct lf_error *err);

/** Fails with MANIFEST_KIND unless `kind` is what a manifest can be read from. */
bool lf_check_regular(struct lf_str path, enum lf_node_kind kind,
                      struct lf_error *err);

/** As lf_read_manifest(), but a file that the loader has is not read once more: its
 *  text has no data then. */
bool lf_loader_read(struct lf_loader *loader, struct lf_str path,
                    struct lf_str *ret_text, struct lf_node *ret_node,
                    struct lf_error *err);

/** The same of a file that was opened; a negative `fd` says why it was not. */
bool lf_loader_read_opened(struct lf_loader *loader, int fd, struct lf_str path,
                           struct lf_str *ret_text, struct lf_node *ret_node,
                           struct lf_error *err);

/** The file of the manifest that `node` is; NULL: none yet. */
const struct lf_file *lf_loader_file(const struct lf_loader *loader,
                                     const struct lf_node *node);

/** The same of a text that the caller of lf_manifest_load() has. */
bool lf_read_given(struct lf_str given, struct lf_str *ret_text,
                   struct lf_error *err);

/** Read the manifest and all that it includes, and define the variables.
 *  False: `loader->err` is set. */
bool lf_load_files(struct lf_loader *loader);

/** Build the entries of all files. False: `loader->err` is set. */
bool lf_build(struct lf_loader *loader);

/** Write down what the manifest's meaning came from (inputs.h), at the end. */
bool lf_note_inputs(struct lf_loader *loader);

/** The physical path of `dir`, or `dir` where it cannot be resolved. */
bool lf_loader_settle(struct lf_loader *loader, struct lf_str dir,
                      struct lf_str *ret_dir);

/** Where relative sources of a file in `dir` start, as seen from `--root`:
 *  `dir` itself if it does not lie in there, however it is spelled. */
bool lf_loader_inside_root(struct lf_loader *loader, struct lf_str dir,
                           struct lf_str *ret_dir, bool *ret_inside);

/**
 * As lf_loader_read(), of a file as seen from `--root`, out of which no link
 * leads: in `dir`, with the name of `path`, which is what messages call it.
 */
bool lf_loader_read_inside(struct lf_loader *loader, struct lf_str dir,
                           struct lf_str path, struct lf_str *ret_text,
                           struct lf_node *ret_node, struct lf_error *err);

/** What to report with, for file `index`. */
struct lf_check lf_loader_check(const struct lf_loader *loader, uint32_t index);

/** How a path came out. */
enum lf_built {
    LF_BUILT,
    LF_BUILT_FAULT,  /* reported */
    LF_BUILT_FAILED, /* loader->err is set */
};

/**
 * Expand the text of `node` into an absolute path without empty or `.`
 * components, in the manifest's arena.
 */
enum lf_built lf_build_path(struct lf_loader *loader, struct lf_yaml *node,
                            enum lf_start start, struct lf_str *ret_path);

/** The same, with the text as it is after expansion, borrowed from `node`, or from the
 *  loader until it expands another one. */
enum lf_built lf_build_spelled_path(struct lf_loader *loader,
                                    struct lf_yaml *node, enum lf_start start,
                                    struct lf_str *ret_text,
                                    struct lf_str *ret_path);

/** The path of the entry, from `node`: no `..`, not the root, and but for a directory
 *  no slash at the end. */
enum lf_built lf_build_link_path(struct lf_loader *loader, struct lf_yaml *node,
                                 struct lf_single *single);

/** The source of the entry, from `node`. */
enum lf_built lf_build_source_path(struct lf_loader *loader,
                                   struct lf_yaml *node,
                                   struct lf_single *single);

/** A copy of a text of a node, which lives as long as the manifest. False: err is
 *  set. */
bool lf_keep_text(struct lf_loader *loader, struct lf_str text,
                  struct lf_str *ret);

/** Expand a text that is not a path (`to`, a variable). */
enum lf_built lf_build_text(struct lf_loader *loader, struct lf_yaml *node,
                            struct lf_str *ret_text);

/**
 * Decide a `when`; NULL holds. `*ret_holds` is set with LF_BUILT only.
 */
enum lf_built lf_condition_holds(struct lf_loader *loader, struct lf_yaml *when,
                                 bool *ret_holds);

/** What a `when` is about. */
struct lf_subject {
    struct lf_str name;         /* as written */
    const struct lf_yaml *node; /* stands where the entry does */
    const struct lf_yaml *path; /* link path or `into`; NULL: the manifest's */
    bool is_tree;
};

/** Decide the `when` of `map`, and keep the outcome. */
enum lf_built lf_decide_when(struct lf_loader *loader, struct lf_yaml *map,
                             struct lf_subject subject, bool *ret_holds);

/** The absolute path that `path` spells, without a report: empty if it cannot
 *  be expanded. False: err is set. */
bool lf_guess_path(struct lf_loader *loader, const struct lf_yaml *path,
                   enum lf_start start, struct lf_str *ret_path);

/** Note the path of an entry whose condition does not hold. */
bool lf_note_unmet(struct lf_loader *loader, const struct lf_yaml *path,
                   enum lf_start start);

/** Set what `map` says of conflict, style, fold and dangling in `entry`. */
void lf_build_settings(const struct lf_yaml *map, struct lf_entry *entry);

/** What begins with a struct lf_entry, filled in with what all kinds share, and has
 *  `size` bytes; the others are zero. NULL: err is set. */
void *lf_new_entry(struct lf_loader *loader, size_t size,
                   enum lf_entry_kind kind, const struct lf_yaml *node);
bool lf_add_entry(struct lf_loader *loader, const struct lf_entry *entry);

/** Build the trees of the current file. False: err is set. */
bool lf_build_trees(struct lf_loader *loader, const struct lf_yaml *list);

/** Add the patterns of `list` (may be NULL) to `patterns`. False: err is set. */
bool lf_build_patterns(struct lf_loader *loader, const struct lf_yaml *list,
                       struct lf_patterns *patterns);

/** The node that says what a tree is called; NULL: there is none, or a faulty one. */
struct lf_yaml *lf_tree_name_node(const struct lf_yaml *tree, bool *ret_given);

/** Report trees of one name, and overrides of trees that do not exist or in a
 *  circle. To be called before any tree is built. False: err is set. */
bool lf_check_tree_names(struct lf_loader *loader);

#endif
