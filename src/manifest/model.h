/* SPDX-License-Identifier: MIT */
/*
 * model.h - a manifest that was read, as the parts of this folder see it
 */
#ifndef LF_MANIFEST_MODEL_H
#define LF_MANIFEST_MODEL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/texts.h"
#include "manifest/entry.h"
#include "manifest/inputs.h"
#include "manifest/pattern.h"
#include "manifest/syntax.h"

enum {
    LF_INCLUDE_LIMIT = 64,          /* files besides the manifest itself */
    LF_LINK_COUNT_LIMIT = 10000000, /* links in a farm */
    LF_MANIFEST_SIZE_LIMIT = 64 << 20,
};

#define LF_DOT_MARK LF_STR("dot-")

enum lf_dot {
    LF_DOT_NONE,
    LF_DOT_MARKED, /* `dot-x` becomes `.x` */
    LF_DOT_TOP,    /* names at the top get a leading dot */
};

/** Whether `dot: marked` makes a dot of the beginning of `name`; one that would become
 *  `.` or `..` stays. */
static inline bool lf_dot_marks(struct lf_str name)
{
    return lf_str_starts(name, LF_DOT_MARK) && name.len > LF_DOT_MARK.len &&
           !lf_str_equal(name, LF_STR("dot-."));
}

/** What a rule of a tree sets; the bits say which. */
struct lf_rule {
    struct lf_mark mark;
    bool has_fold, has_style, has_conflict;
    enum lf_fold fold;
    enum lf_style style;
    enum lf_conflict conflict;
};

/** An entry of kind LF_ENTRY_TREE, which is one of these. */
struct lf_tree {
    struct lf_entry entry;      /* comes first */
    const struct lf_tree *base; /* the tree without what a rule made of it */
    struct lf_str name;         /* may be empty */
    struct lf_str into, from;   /* absolute, spelled */
    enum lf_dot dot;
    bool has_only;
    struct lf_patterns ignore, only;
    struct lf_patterns rule_patterns; /* one for each of rules */
    struct lf_rule *rules;
    struct lf_str *overrides; /* names of trees, sorted */
    uint32_t n_overrides;
    struct lf_mark from_mark;
};

/** An entry whose condition does not hold, as far as it could be located. */
struct lf_unmet {
    struct lf_str path; /* absolute spelled */
};

/** A growing array of pointers or other small values. */
struct lf_entries {
    const struct lf_entry **items;
    uint32_t count, capacity;
};

struct lf_manifest {
    struct lf_arena arena;
    struct lf_document **documents; /* the manifest, then what it includes */
    uint32_t n_documents, document_capacity;
    struct lf_str name, file, dir, into, home;
    struct lf_mark into_mark;
    struct lf_str *profiles;
    uint32_t n_profiles;
    struct lf_entries entries;
    struct lf_str *starts; /* of paths of entries, tidy; the first is empty */
    uint32_t n_starts, start_capacity;
    struct lf_tree **trees; /* those among the entries */
    uint32_t n_trees, tree_capacity;
    struct lf_patterns ignore; /* of every tree, before its own */
    struct lf_str *traverse;   /* spelled, tidy, sorted */
    uint32_t n_traverse, traverse_capacity;
    struct lf_unmet *unmet;
    uint32_t n_unmet, unmet_capacity;
    struct lf_str *absent; /* files that may be missing, and are */
    uint32_t n_absent, absent_capacity;
    uint64_t facts;         /* digest of them */
    struct lf_input *asked; /* the user, and names of the environment */
    uint32_t n_asked;
    bool asked_disk; /* by `exists`, or for where it lies itself */
    struct lf_condition *conditions;
    uint32_t n_conditions, condition_capacity;
    bool allow_dangling; /* by defaults */
    unsigned denied;     /* bits by enum lf_policy_rule */
    struct lf_str *allowed;
    uint32_t n_allowed, allowed_capacity;
};

/** Append the line of `traverse` that would name `path`, for a cure that is pasted;
 *  where no manifest can say the path, that. */
void lf_traverse_add(struct lf_buf *buf, struct lf_str path);

/** Whether `traverse` names a directory, by its physical path or as it is spelled. */
static inline bool lf_traverses(const struct lf_manifest *manifest,
                                struct lf_str path, struct lf_str spelled)
{
    return lf_texts_have(manifest->traverse, manifest->n_traverse, path) ||
           lf_texts_have(manifest->traverse, manifest->n_traverse, spelled);
}

/** The tree of an entry of kind LF_ENTRY_TREE. */
static inline const struct lf_tree *lf_tree_of(const struct lf_entry *entry)
{
    return (const struct lf_tree *)entry;
}

/** The rest of an entry of another kind. */
static inline const struct lf_single *lf_single_of(const struct lf_entry *entry)
{
    return (const struct lf_single *)entry;
}

/** Where the link or directory is to be. Borrowed. */
static inline struct lf_spelled_path
lf_single_path(const struct lf_manifest *manifest,
               const struct lf_single *single)
{
    return (struct lf_spelled_path){
            manifest->starts[single->path_start],
            lf_str_of(single->path_rest, single->path_len)};
}

/** Its source; with `verbatim`, the rest is the link text. Borrowed. */
static inline struct lf_spelled_path
lf_single_source(const struct lf_manifest *manifest,
                 const struct lf_single *single)
{
    return (struct lf_spelled_path){
            manifest->starts[single->source_start],
            lf_str_of(single->source_rest, single->source_len)};
}

/** `path`, absolute and tidy, in its two parts. */
static inline struct lf_spelled_path lf_spelled_whole(struct lf_str path)
{
    return (struct lf_spelled_path){lf_str_of(path.data, 0),
                                    lf_str_of(path.data + 1, path.len - 1)};
}

/** The path, in `buf`, whose failure is to be looked for. */
static inline struct lf_str lf_spelled_join(struct lf_buf *buf,
                                            struct lf_spelled_path path)
{
    lf_buf_clear(buf);
    lf_buf_add(buf, path.start);
    lf_buf_add_char(buf, '/');
    lf_buf_add(buf, path.rest);
    return lf_buf_str(buf);
}

/** Whether `winner` may take a place that `loser` also wants. */
bool lf_tree_overrides(const struct lf_tree *winner,
                       const struct lf_tree *loser);

#endif
