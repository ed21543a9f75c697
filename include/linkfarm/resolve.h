/* SPDX-License-Identifier: MIT */
/*
 * resolve.h - where a path leads, and by which links
 *
 * Resolving is pure: it looks at a file system only through a *view*, which
 * may be the real one, a described one in memory, or an overlay (a view plus
 * planned changes), and it keeps no state but the cache of its resolver. The
 * walk is that of path_resolution(7) and openat2(2); the Windows flavour has
 * functions of its own at the end, because the two differ in more than detail.
 *
 * Nothing here recurses on its input or limits it by PATH_MAX buffers; time is
 * linear in the length of the path times the links followed.
 *
 * A path that has to be absolute and is not, and any path or text with a NUL, is
 * LF_CODE_RESOLVE_REQUEST.
 */
#ifndef LINKFARM_RESOLVE_H
#define LINKFARM_RESOLVE_H

#include <linkfarm/error.h>
#include <linkfarm/node.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- views ------------------------------------------------------------ */

/** A file system as the resolver sees it. */
struct lf_view;

/**
 * The real file system as seen from the directory `root` ("/" for the
 * process's own): `..` and absolute link texts stay inside it. Reads only.
 * Free with lf_view_free(). LF_CODE_ROOT.
 */
LF_PUBLIC bool lf_view_open(const char *root, struct lf_view **ret_view,
                            struct lf_error *err);

/** An empty described tree (a root directory only), POSIX flavour. */
LF_PUBLIC bool lf_view_memory_new(struct lf_view **ret_view,
                                  struct lf_error *err);

/**
 * Put a node (a file, directory, link or other) into a described tree at the
 * absolute path `path`, making missing parents plain directories. What the path
 * itself names must not exist yet, except a directory that is described again.
 * Texts are copied. LF_CODE_VIEW_CHANGE if that cannot be, or the view is another.
 */
LF_PUBLIC bool lf_view_memory_add(struct lf_view *view, enum lf_node_kind kind,
                                  struct lf_str path, struct lf_str text,
                                  struct lf_error *err);

/**
 * `base` plus changes that have not been made. Borrows `base`, which must live
 * longer and must not change. Paths of changes are physical or lead through
 * symlinks of directories only as the overlay stands at that moment; directories
 * that are missing on the way are planned, too. LF_CODE_VIEW_CHANGE where the way
 * leads through something else, at the root, for a name or text that is too long,
 * and in a view that is no overlay.
 */
LF_PUBLIC bool lf_view_overlay_new(struct lf_view *base,
                                   struct lf_view **ret_view,
                                   struct lf_error *err);

/** Plan a link at `path` with `text`, in place of whatever stands there, of a
 *  directory with all below it. */
LF_PUBLIC bool lf_view_put_link(struct lf_view *overlay, struct lf_str path,
                                struct lf_str text, struct lf_error *err);
/** Plan a directory; one that exists stays as it is, anything else gives way. */
LF_PUBLIC bool lf_view_put_dir(struct lf_view *overlay, struct lf_str path,
                               struct lf_error *err);
/** Plan an empty regular file in place of whatever stands there. */
LF_PUBLIC bool lf_view_put_file(struct lf_view *overlay, struct lf_str path,
                                struct lf_error *err);
/** Plan the removal of the node (a directory with all below) at `path`, if any. */
LF_PUBLIC bool lf_view_remove(struct lf_view *overlay, struct lf_str path,
                              struct lf_error *err);
/** Plan the renaming of `from` to `to`, replacing what stands there.
 *  LF_CODE_VIEW_CHANGE if nothing stands at `from`, or `to` lies below it. */
LF_PUBLIC bool lf_view_rename(struct lf_view *overlay, struct lf_str from,
                              struct lf_str to, struct lf_error *err);

/** Look-ups and link reads made through `view` so far, for tests of cost. */
LF_PUBLIC uint64_t lf_view_lookups(const struct lf_view *view);

/** Free a view of any kind; NULL is allowed. */
LF_PUBLIC void lf_view_free(struct lf_view *view);

/* ---- resolving -------------------------------------------------------- */

/**
 * A view with a cache of what was seen in it. An overlay may be changed
 * between calls: cached directories whose steps pass through the change are
 * dropped. The real view is taken as not changing while a resolver lives.
 */
struct lf_resolver;

/** Borrows `view`, which must live longer. */
LF_PUBLIC bool lf_resolver_new(struct lf_view *view,
                               struct lf_resolver **ret_resolver,
                               struct lf_error *err);
LF_PUBLIC void lf_resolver_free(struct lf_resolver *resolver);

/** Or-ed into lf_resolve_request.flags. */
enum lf_resolve_flag {
    LF_RESOLVE_NOFOLLOW = 1 << 0, /* a link in the last place is the answer */
    LF_RESOLVE_MISSING_FINAL = 1 << 1, /* the last component may be missing */
    LF_RESOLVE_MISSING_TAIL = 1 << 2,  /* from the first missing directory on,
                                          components count as plain names */
    LF_RESOLVE_IN_ROOT = 1 << 3,       /* RESOLVE_IN_ROOT of openat2(2) */
    LF_RESOLVE_BENEATH = 1 << 4,     /* RESOLVE_BENEATH: EXDEV for an escape */
    LF_RESOLVE_NO_SYMLINKS = 1 << 5, /* RESOLVE_NO_SYMLINKS: ELOOP for any */
    LF_RESOLVE_NO_XDEV = 1 << 6, /* RESOLVE_NO_XDEV: EXDEV for another mount */
    LF_RESOLVE_TRACE = 1 << 7,   /* record the steps */
};

struct lf_resolve_request {
    struct lf_str path;  /* to resolve; up to 4,095 bytes, else ENAMETOOLONG */
    struct lf_str start; /* where a relative path starts; empty: the root */
    struct lf_str scope; /* the root directory of IN_ROOT and BENEATH */
    unsigned flags;      /* enum lf_resolve_flag */
};

/** How a walk ended, finer than an errno. */
enum lf_outcome {
    LF_OUTCOME_OK,
    LF_OUTCOME_MISSING,  /* ENOENT; of a link: dangling */
    LF_OUTCOME_NOT_DIR,  /* ENOTDIR */
    LF_OUTCOME_LOOP,     /* ELOOP: the same link with the same rest came back */
    LF_OUTCOME_TOO_MANY, /* ELOOP: more than 40 links, none repeated */
    LF_OUTCOME_FORBIDDEN, /* ELOOP: a link where NO_SYMLINKS allows none, or a
                             magic link of /proc, which leads where no path
                             needs to lead */
    LF_OUTCOME_ESCAPE,    /* EXDEV: BENEATH or NO_XDEV */
    LF_OUTCOME_TOO_LONG,  /* ENAMETOOLONG */
    LF_OUTCOME_DENIED,    /* EACCES, EPERM */
    LF_OUTCOME_FAILED,    /* any other errno of the view */
};

enum lf_hop_flag {
    LF_HOP_CLAMPED = 1 << 0, /* `..` or an absolute text stopped at the root */
    LF_HOP_MOUNT = 1 << 1,   /* went on on another mount or volume */
    LF_HOP_MAGIC = 1 << 2,   /* a magic link of /proc: reported, not spliced */
};

/** One link that was followed. */
struct lf_hop {
    struct lf_str at;      /* physical place of the link */
    struct lf_str text;    /* its text */
    struct lf_str becomes; /* the whole path that remained to be resolved */
    unsigned flags;        /* enum lf_hop_flag */
};

/** What a walk found. Owns its memory; free with lf_resolution_free(). */
struct lf_resolution {
    enum lf_outcome outcome;
    int error;           /* errno as the kernel gives it; 0 for OK */
    struct lf_str path;  /* physical; where it ended, or could not go on */
    struct lf_node node; /* what stands there; NOTHING for a missing one */
    struct lf_str mount; /* mount point that holds it; empty if not known */
    unsigned links;      /* links followed */
    unsigned missing;    /* components at the end of `path` that do not exist */
    size_t n_steps;
    const struct lf_hop *steps; /* only with LF_RESOLVE_TRACE */
};

/**
 * Walk a path. That a path leads nowhere is an answer, not an error: the
 * function fails only when memory runs out or the request makes no sense.
 */
LF_PUBLIC bool lf_resolve(struct lf_resolver *resolver,
                          const struct lf_resolve_request *request,
                          struct lf_resolution **ret_resolution,
                          struct lf_error *err);
LF_PUBLIC void lf_resolution_free(struct lf_resolution *resolution);

/** The errno's name ("ENOENT"), static; "E?" for one that has none here. */
LF_PUBLIC const char *lf_errno_name(int error);

/** What an outcome makes of the link that was followed: "ok", "dangling",
 *  "notdir", "loop", "toomany", ... Static. */
LF_PUBLIC const char *lf_outcome_name(enum lf_outcome outcome);

/**
 * The physical place of a link path: its directory resolved, its name kept.
 * Missing directories count as plain names. Symlinks on the way are allowed
 * inside the first `free_prefix` bytes of the path (the part that leads to
 * `into` or to the home directory), and where the spelled path up to and
 * including the symlink is one of the `n_traverse` allowed directories, which are
 * sorted by lf_str_compare() and have no slash at the end.
 *
 * `*ret_dir` and `*ret_blocked` borrow the resolver until it is freed,
 * `*ret_name` borrows `path`. If a symlink that is not allowed is met, or the
 * directory leads nowhere (a component is no directory, a loop, no rights),
 * the function succeeds with `*ret_blocked` set to the physical place of that
 * node (else empty) and `*ret_dir` to the physical directory that the path
 * would lead to with the symlink followed (empty where it leads nowhere).
 * An allowed symlink that dangles leads to what it names, as a directory that
 * is missing. LF_CODE_RESOLVE_REQUEST for a `path` that is not absolute, is
 * the root, or ends in `.` or `..`.
 */
LF_PUBLIC bool lf_locate(struct lf_resolver *resolver, struct lf_str path,
                         size_t free_prefix, const struct lf_str *traverse,
                         size_t n_traverse, struct lf_str *ret_dir,
                         struct lf_str *ret_name, struct lf_str *ret_blocked,
                         struct lf_error *err);

/**
 * The physical directory that `dir` (absolute; may lead through any links)
 * names; missing components count as plain names. Borrowed as above. Cached:
 * a second call with the same spelling costs no look at the view. Succeeds
 * with an empty `*ret_dir` and `*ret_error` set to an errno if it cannot be
 * resolved (loop, not a directory, no rights).
 */
LF_PUBLIC bool lf_resolve_dir(struct lf_resolver *resolver, struct lf_str dir,
                              struct lf_str *ret_dir, int *ret_error,
                              struct lf_error *err);

/** Why there is no right relative text. */
enum lf_reltext_reason {
    LF_RELTEXT_OK,
    LF_RELTEXT_MOUNT,    /* the link's directory is reached two ways (bind) */
    LF_RELTEXT_VOLUME,   /* Windows: another volume */
    LF_RELTEXT_JUNCTION, /* Windows: the link stands behind a junction */
    LF_RELTEXT_TOO_LONG, /* more than 4,095 bytes */
    LF_RELTEXT_NO_DIR,   /* a directory on the way cannot be resolved */
};

/**
 * The shortest text that makes a link at physical `dir` reach `source_name` in
 * physical `source_dir`: both already resolved, so this is lexical and makes
 * no look-up. `source_name` may be empty (the directory itself). Appended to
 * a new string in memory that the caller frees with free(3).
 */
LF_PUBLIC bool lf_relative_text(struct lf_str dir, struct lf_str source_dir,
                                struct lf_str source_name,
                                struct lf_str *ret_text, struct lf_error *err);

enum lf_reltext_mode {
    LF_RELTEXT_PHYSICAL, /* parents of the source resolved, itself never */
    LF_RELTEXT_LOGICAL,  /* the source's spelling kept, its dots resolved */
};

/**
 * The text for a link at spelled place `link` to spelled `source` (both
 * absolute), looked up in the view. The caller frees `ret_text->data`.
 * Succeeds with `*ret_reason` other than OK, and an empty text, where no
 * relative text is right.
 */
LF_PUBLIC bool lf_reltext(struct lf_resolver *resolver, struct lf_str link,
                          struct lf_str source, enum lf_reltext_mode mode,
                          struct lf_str *ret_text,
                          enum lf_reltext_reason *ret_reason,
                          struct lf_error *err);

/** Whether two spellings name one directory entry: parents resolved, missing
 *  ones taken as plain names. LF_CODE_UNRESOLVED where a parent leads nowhere
 *  else. */
LF_PUBLIC bool lf_same_place(struct lf_resolver *resolver, struct lf_str a,
                             struct lf_str b, bool *ret_same,
                             struct lf_error *err);
/** Whether two spellings reach one object (everything followed). False where
 *  one of them leads nowhere; LF_CODE_UNRESOLVED where that cannot be told. */
LF_PUBLIC bool lf_same_object(struct lf_resolver *resolver, struct lf_str a,
                              struct lf_str b, bool *ret_same,
                              struct lf_error *err);
/** Whether `path`, resolved, is `root`, resolved, or lies below it, by physical
 *  path. Missing components at the end count as plain names. LF_CODE_UNRESOLVED
 *  where one of them leads nowhere else. */
LF_PUBLIC bool lf_contains(struct lf_resolver *resolver, struct lf_str root,
                           struct lf_str path, bool *ret_inside,
                           struct lf_error *err);
/** The same by identity: whether a directory that holds `path` is the very
 *  directory that `root` names, even if a bind mount shows it at two places. */
LF_PUBLIC bool lf_contains_identity(struct lf_resolver *resolver,
                                    struct lf_str root, struct lf_str path,
                                    bool *ret_inside, struct lf_error *err);

#ifdef __cplusplus
}
#endif

#endif
