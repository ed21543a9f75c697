/* SPDX-License-Identifier: MIT */
/*
 * resolve_windows.h - where a Windows path leads, on a described tree
 *
 * Two stages that stay apart. The lexical one (GetFullPathNameW) turns what was
 * typed into a full path before any link is seen: slashes, dots, drives,
 * trailing dots and spaces. The reparse stage then follows symbolic links,
 * junctions and mounted folders, and has two results: the path as *rewritten*,
 * in which symlinks have been replaced but junctions and mounted folders keep
 * their names (relative links climb in it), and the *final* one.
 *
 * All strings are UTF-8; names are compared without regard to case.
 */
#ifndef LINKFARM_RESOLVE_WINDOWS_H
#define LINKFARM_RESOLVE_WINDOWS_H

#include <linkfarm/resolve.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- lexical ---------------------------------------------------------- */

/** Where relative paths start. */
struct lf_win_context {
    struct lf_str cwd;           /* full, "C:\dir"; empty: "C:\" */
    const struct lf_str *drives; /* current directories of other drives, full;
                                    a drive without one is at its root */
    size_t n_drives;
};

enum lf_win_path_type {
    LF_WIN_RELATIVE,       /* a\b */
    LF_WIN_ROOTED,         /* \a\b */
    LF_WIN_DRIVE_RELATIVE, /* C:a\b */
    LF_WIN_DRIVE_ABSOLUTE, /* C:\a\b */
    LF_WIN_UNC,            /* \\server\share\a */
    LF_WIN_DEVICE,         /* \\?\ and \\.\ */
};

struct lf_win_full_path {
    struct lf_str full; /* freed with free(3) */
    enum lf_win_path_type type;
    bool is_device; /* its last name is reserved: `full` is \\.\NAME */
};

/** "driveabs", "relative", ... Static. */
LF_PUBLIC const char *lf_win_path_type_name(enum lf_win_path_type type);

/**
 * The full path that `path` means, as text alone: dots collapse and stop at the
 * root. What begins with \\?\ stays as it is. LF_CODE_RESOLVE_REQUEST for an
 * empty path or one with a NUL.
 */
LF_PUBLIC bool lf_win_full_path(struct lf_str path,
                                const struct lf_win_context *context,
                                struct lf_win_full_path *ret,
                                struct lf_error *err);

enum lf_win_name_fault {
    LF_WIN_NAME_OK,
    LF_WIN_NAME_EMPTY,
    LF_WIN_NAME_DOTS,     /* `.` or `..` */
    LF_WIN_NAME_BAD_CHAR, /* control characters and < > : " / \ | ? * */
    LF_WIN_NAME_TRAILING, /* ends in a dot or a space */
    LF_WIN_NAME_RESERVED, /* CON, NUL.txt, COM1, ... */
    LF_WIN_NAME_TOO_LONG, /* more than 255 UTF-16 units */
};

/** Whether a manifest for Windows may use `name` as a component. */
LF_PUBLIC enum lf_win_name_fault lf_win_check_name(struct lf_str name);

/** "ok", "empty", "dots", ... Static. */
LF_PUBLIC const char *lf_win_name_fault_name(enum lf_win_name_fault fault);

/* ---- what a link stores ----------------------------------------------- */

/** The text of a symbolic link or junction as it is stored. */
struct lf_win_text {
    struct lf_str substitute; /* what is followed: "\??\C:\x" or "..\x" */
    struct lf_str print;      /* what is shown */
    bool relative;            /* SYMLINK_FLAG_RELATIVE */
    bool junction;
};

/** What CreateSymbolicLinkW() stores for `text`. Free with
 *  lf_win_text_finish(). */
LF_PUBLIC bool lf_win_link_text(struct lf_str text,
                                const struct lf_win_context *context,
                                struct lf_win_text *ret, struct lf_error *err);
LF_PUBLIC void lf_win_text_finish(struct lf_win_text *text);

/** The REPARSE_DATA_BUFFER for `text`, freed with free(3). LF_CODE_REPARSE for
 *  text that is not UTF-8 or too long (16 KiB as stored). */
LF_PUBLIC bool lf_win_reparse_encode(const struct lf_win_text *text,
                                     unsigned char **ret_data, size_t *ret_size,
                                     struct lf_error *err);

/** Read one back, of a symbolic link or a junction. LF_CODE_REPARSE for bytes
 *  that are neither. */
LF_PUBLIC bool lf_win_reparse_decode(const unsigned char *data, size_t size,
                                     struct lf_win_text *ret,
                                     struct lf_error *err);

/* ---- described trees -------------------------------------------------- */

struct lf_win_tree;

enum lf_win_kind {
    LF_WIN_NOTHING,
    LF_WIN_FILE,
    LF_WIN_DIR,
    LF_WIN_FILE_LINK,
    LF_WIN_DIR_LINK,
    LF_WIN_JUNCTION,
    LF_WIN_MOUNT, /* mounted folder */
};

LF_PUBLIC bool lf_win_tree_new(struct lf_win_tree **ret_tree,
                               struct lf_error *err);
LF_PUBLIC void lf_win_tree_free(struct lf_win_tree *tree);

/**
 * Volumes are implied by use: local by drive letter or \\?\Volume{...}, remote
 * by \\server\share. This says otherwise of `name`: "Z:", "\\server\share" or
 * "Volume{...}".
 */
LF_PUBLIC bool lf_win_tree_volume(struct lf_win_tree *tree, struct lf_str name,
                                  bool remote, struct lf_error *err);

/**
 * Put a node at `path`, which begins with its volume; missing parents become
 * directories, and symlinks in it are not followed. `text`: what a link was
 * made with, a junction's path, a mounted folder's volume. LF_CODE_VIEW_CHANGE
 * if that cannot be.
 */
LF_PUBLIC bool lf_win_tree_add(struct lf_win_tree *tree, enum lf_win_kind kind,
                               struct lf_str path, struct lf_str text,
                               struct lf_error *err);

/** Put a symlink that stores just `substitute`. */
LF_PUBLIC bool lf_win_tree_add_raw(struct lf_win_tree *tree, struct lf_str path,
                                   struct lf_str substitute, bool relative,
                                   bool is_dir, struct lf_error *err);

/* ---- resolving -------------------------------------------------------- */

/** Symlink evaluation (fsutil behavior): from where, to where. */
enum lf_win_policy {
    LF_WIN_L2L = 1 << 0,
    LF_WIN_L2R = 1 << 1,
    LF_WIN_R2L = 1 << 2,
    LF_WIN_R2R = 1 << 3,
    LF_WIN_POLICY_DEFAULT = LF_WIN_L2L | LF_WIN_L2R,
};

struct lf_win_request {
    struct lf_str path;
    struct lf_win_context context;
    unsigned flags;    /* LF_RESOLVE_NOFOLLOW, LF_RESOLVE_MISSING_FINAL */
    unsigned policy;   /* enum lf_win_policy */
    bool cross_volume; /* relative links may climb out of their volume */
};

enum lf_win_error {
    LF_WIN_OK,
    LF_WIN_NOT_FOUND,            /* 2 */
    LF_WIN_PATH_NOT_FOUND,       /* 3 */
    LF_WIN_KIND_FILE_TO_DIR,     /* 5: a file link that leads to a directory */
    LF_WIN_KIND_DIR_TO_FILE,     /* 267: the other way round */
    LF_WIN_BAD_NET_NAME,         /* 67 */
    LF_WIN_INVALID_NAME,         /* 123 */
    LF_WIN_CLASS_DISABLED,       /* 1463: by the policy */
    LF_WIN_TOO_MANY_LINKS,       /* 1921: more than 63 */
    LF_WIN_INVALID_REPARSE_DATA, /* 4392: more dots than components */
    LF_WIN_CROSS_VOLUME,         /* a relative link climbs out of its volume */
    LF_WIN_IS_DEVICE,            /* a reserved name: NUL, CON.txt, ... */
};

/** "not_found", "kind_mismatch", ... Static. */
LF_PUBLIC const char *lf_win_error_name(enum lf_win_error error);
/** The Win32 code; 0 where there is none. */
LF_PUBLIC unsigned lf_win_error_code(enum lf_win_error error);
/** Its name in winerror.h, "ERROR_FILE_NOT_FOUND"; of an error without a code
 *  the one of lf_win_error_name(). Static. */
LF_PUBLIC const char *lf_win_error_symbol(enum lf_win_error error);

/** One link, junction or mounted folder that was followed. */
struct lf_win_hop {
    bool junction;         /* or mounted folder; else a symlink */
    struct lf_str at;      /* final place */
    struct lf_str text;    /* as it is shown */
    struct lf_str becomes; /* the whole path that remained to be resolved */
    unsigned flags;        /* LF_HOP_MOUNT */
};

struct lf_win_resolution {
    enum lf_win_error error;
    enum lf_win_kind kind;   /* NOTHING for a missing one */
    struct lf_str rewritten; /* symlinks replaced, junctions kept by name */
    struct lf_str final;     /* names as on disk */
    struct lf_str volume;
    unsigned links; /* symlinks, junctions and mounted folders; at most 63 */
    size_t n_steps;
    const struct lf_win_hop *steps;
};

/** As lf_resolve(). Free with lf_win_resolution_free(). After an error the
 *  paths say how far it went. */
LF_PUBLIC bool lf_win_resolve(struct lf_win_tree *tree,
                              const struct lf_win_request *request,
                              struct lf_win_resolution **ret,
                              struct lf_error *err);
LF_PUBLIC void lf_win_resolution_free(struct lf_win_resolution *resolution);

/**
 * The text for a link at `link` to `source`: relative if `*ret_reason` is
 * LF_RELTEXT_OK, else the absolute text that is right instead. The caller
 * frees `ret_text->data`; it is empty with LF_RELTEXT_NO_DIR.
 */
LF_PUBLIC bool lf_win_reltext(struct lf_win_tree *tree,
                              const struct lf_win_context *context,
                              struct lf_str link, struct lf_str source,
                              struct lf_str *ret_text,
                              enum lf_reltext_reason *ret_reason,
                              struct lf_error *err);

/** Whether two spellings name one directory entry; as lf_same_place(). */
LF_PUBLIC bool lf_win_same_place(struct lf_win_tree *tree,
                                 const struct lf_win_context *context,
                                 struct lf_str a, struct lf_str b,
                                 bool *ret_same, struct lf_error *err);
/** Whether two spellings reach one object; as lf_same_object(). */
LF_PUBLIC bool lf_win_same_object(struct lf_win_tree *tree,
                                  const struct lf_win_context *context,
                                  struct lf_str a, struct lf_str b,
                                  bool *ret_same, struct lf_error *err);

#ifdef __cplusplus
}
#endif

#endif
