/* SPDX-License-Identifier: MIT */
/*
 * import.h - a manifest for what another tool made
 *
 * Each kind of source appends its entries to `text`; what it cannot say it says
 * with lf_import_untold(). An entry is a line, indented. Whether the manifest
 * is right is not its business: it is planned, and nothing may be left to do.
 */
#ifndef LF_CLI_IMPORT_H
#define LF_CLI_IMPORT_H

#include "base/strmap.h"
#include "cli/listing.h"
#include "cli/session.h"

struct lf_import {
    struct lf_session *session;
    struct lf_disk disk;
    struct lf_arena arena;
    struct lf_str home; /* physical; empty if it is not known */
    struct lf_buf text; /* the manifest so far */
    size_t head;        /* bytes of it before the entries */
    size_t checked;     /* bytes of it that are known to be right */
    size_t untold;      /* things that were left out */
    /* of Stow, physical; no packages: another tool's links are imported */
    struct lf_str stow_dir, stow_into;
    struct lf_str *packages;
    size_t n_packages;
    struct lf_str help; /* what to name instead of them; empty: nothing */
    struct lf_strmap package_index; /* path -> index into packages */
};

/** Append version, name, `from` and `into`, which are physical. False: one of
 *  them cannot be said. */
bool lf_import_head(struct lf_import *import, struct lf_str from,
                    struct lf_str into);

/** Append an absolute path, or a text; says it where no manifest can, and then
 *  returns false. */
bool lf_import_path(struct lf_import *import, struct lf_str path);
bool lf_import_text(struct lf_import *import, struct lf_str text);

/** Say what was left out. */
void lf_import_untold(struct lf_import *import, const char *format, ...)
        LF_PRINTF(2, 3);

/** An entry of `links`: the link text is known, or the source is. */
struct lf_import_link {
    struct lf_str key;    /* the path, absolute */
    struct lf_str source; /* absolute; empty: `text` */
    struct lf_str text;
    const char *style;    /* NULL: relative */
    const char *conflict; /* NULL: as by default */
    bool allow_dangling;
};
void lf_import_link(struct lf_import *import,
                    const struct lf_import_link *link);

/** The physical place that a link's text names, its last component not
 *  followed; empty where there is none. */
bool lf_import_place_of(struct lf_import *import, const struct lf_listed *link,
                        struct lf_str *ret, struct lf_error *err);
/** An entry of `links` for one that stands there. */
bool lf_import_found(struct lf_import *import, const struct lf_listed *link,
                     struct lf_error *err);

/** Plan the manifest, `session->plan`. An entry that cannot stand in it is
 *  taken out and said; faults that remain are in `session->diags`. */
bool lf_import_check(struct lf_import *import, struct lf_error *err);

/** The package of Stow below which `path` lies, physically; empty: none. */
struct lf_str lf_import_package_of(const struct lf_import *import,
                                   struct lf_str path);

/** Patterns, as they are written in a manifest. */
struct lf_ignore_list {
    struct lf_str
            *items; /* freed by the caller, also after a failure; the texts are
                             the import's */
    uint32_t count, capacity;
    bool is_there; /* also where it is empty */
};

/** Read the ignore list `name` of Stow's in the physical directory `dir` (empty: none).
 *  What no pattern says is told, with its line. */
bool lf_import_ignore(struct lf_import *import, struct lf_str dir,
                      const char *name, struct lf_ignore_list *ret,
                      struct lf_error *err);

/** The same of what the option --ignore says in the .stowrc of the home directory, and
 *  in that of the stow directory, where Stow is run. */
bool lf_import_stowrc(struct lf_import *import, struct lf_ignore_list *ret,
                      struct lf_error *err);

/* The sources; operands are those behind the word. */
bool lf_import_links(struct lf_import *import, const char *dir,
                     struct lf_error *err);
bool lf_import_stow(struct lf_import *import, const char *const *dirs,
                    size_t count, struct lf_error *err);
/** After lf_import_check(): what stands folded is folded; checks again. */
bool lf_import_folded(struct lf_import *import, struct lf_error *err);
/** After that: what leads nowhere, and stands, may; checks again. */
bool lf_import_dangling(struct lf_import *import, struct lf_error *err);
/** After that: where none of the links stands, where they do, `help`. */
bool lf_import_target(struct lf_import *import, struct lf_error *err);
/** After that: what leads into the packages besides. */
bool lf_import_rest(struct lf_import *import, struct lf_error *err);
/** Faults in the file have been said: then `*ret_status` is not 0. */
bool lf_import_dotbot(struct lf_import *import, const char *file,
                      int *ret_status, struct lf_error *err);

#endif
