/* SPDX-License-Identifier: MIT */
/*
 * schema.h - which keys a manifest has, and what their values look like
 *
 * The tables in schema_tables.c say what is allowed; schema.c holds a tree of
 * nodes to them and reports every fault in one go. What depends on more than
 * one value, on facts or on files is not known here.
 */
#ifndef LF_MANIFEST_SCHEMA_H
#define LF_MANIFEST_SCHEMA_H

#include "manifest/expansion.h"
#include "manifest/syntax.h"

/** What a check is about, and where it reports. */
struct lf_check {
    const struct lf_document *document;
    struct lf_diags *diags;
    bool included; /* not the manifest itself but a file that it includes */
};

/** Check one text; on a fault report it and set `node->bad`. */
typedef void lf_text_check(const struct lf_check *check, struct lf_yaml *node);

/** Check a mapping as a whole, after all that is in it. */
typedef void lf_map_check(const struct lf_check *check, struct lf_yaml *map);

enum lf_type_flag {
    LF_TYPE_TEXT = 1 << 0,
    LF_TYPE_LIST = 1 << 1,
    LF_TYPE_MAP = 1 << 2,
    LF_TYPE_ANYTHING = 1 << 3, /* not looked at */
    LF_TYPE_SOME = 1 << 4,     /* an empty list is refused, {} says something */
    LF_TYPE_X_KEYS = 1 << 5,   /* keys that begin with `x-` are free */
};

struct lf_type {
    const char *what;            /* for "must be ..." */
    const char *help;            /* an example; may be NULL */
    const struct lf_key *keys;   /* of a map, ended by one without a name; */
    lf_text_check *check_key;    /* or what each of its keys must be, */
    const struct lf_type *value; /* and each of its values */
    lf_map_check *check_map;     /* of a map; may be NULL */
    const struct lf_type *item;  /* of a list */
    const char *const *words;    /* a text must be one, ended by NULL */
    const char *yes, *no;        /* of these, what a boolean may have meant */
    lf_text_check *check;        /* of a text */
    unsigned flags;              /* enum lf_type_flag */
};

enum lf_key_flag {
    LF_KEY_REQUIRED = 1 << 0,
    LF_KEY_MAIN = 1 << 1, /* not in included files */
};

struct lf_key {
    const char *name;
    const struct lf_type *type;
    unsigned flags; /* enum lf_key_flag */
};

/** A whole manifest or included file. */
extern const struct lf_type lf_type_manifest;

/** Those of a link. */
extern const struct lf_key lf_link_keys[];

/** The words of settings in the order of their enumerators, ended by NULL. */
extern const char *const lf_conflict_words[],
        *const lf_style_words[], *const lf_fold_words[],
                                         *const lf_dangling_words[];
/** Of enum lf_policy_rule. */
extern const char *const lf_policy_words[LF_POLICY_RULES + 1];

/** Hold `document` to the tables. What is wrong is reported and marked bad. */
void lf_schema_check(const struct lf_check *check);

/* The cures of a place that cannot be one. */
#define LF_HELP_LINK_PATH "name the place where the link shall stand, in full"
#define LF_HELP_DIR_PATH                                                       \
    "name the place where the directory shall stand, in full"

/* What a text may have to be. */
lf_text_check lf_check_version;
lf_text_check lf_check_farm_name;
lf_text_check lf_check_mode;
lf_text_check lf_check_var_name;
lf_text_check lf_check_not_empty;
lf_text_check lf_check_profile;   /* one, as --profile may switch it on */
lf_text_check lf_check_path_form; /* not empty, `${}` well-formed */
lf_text_check lf_check_link_path; /* the same of where a link stands, */
lf_text_check lf_check_dir_path;  /* or a directory, */
lf_text_check lf_check_link_text; /* and of what a link holds */
lf_text_check lf_check_included;  /* the same, before a `?` too */
lf_text_check lf_check_value;     /* may be empty, `${}` well-formed */
lf_text_check lf_check_pattern;   /* can match something */
lf_text_check lf_check_glob;      /* not empty, brackets closed */
lf_text_check lf_check_rule;      /* the same, and not negative */

lf_map_check lf_check_source; /* either from or to */

/** Report a fault of `node` as an error, and mark it bad. */
void lf_report(const struct lf_check *check, struct lf_yaml *node,
               enum lf_code code, const char *help, const char *format, ...)
        LF_PRINTF(5, 6);

/** Report that nothing is left of `node` once it is expanded. */
void lf_report_vanished(const struct lf_check *check, struct lf_yaml *node);

/** Report what is wrong in an expansion, at its place in `node`. */
void lf_report_expansion(const struct lf_check *check, struct lf_yaml *node,
                         const struct lf_expansion_fault *fault);

/** What a key of another tool is called here, among the keys of a link or of
 *  anything else; NULL if it is not known. */
const char *lf_foreign_key_help(struct lf_str key, bool of_link);

/** Whether that is the key `name`. */
bool lf_foreign_key_means(struct lf_str key, bool of_link, const char *name);

/** The value of `key` in a map that lf_schema_check() has seen; NULL if there
 *  is none, or if it or the key was bad. */
struct lf_yaml *lf_yaml_get(const struct lf_yaml *map, const char *key);

/** The key node of the same. */
struct lf_yaml *lf_yaml_get_key(const struct lf_yaml *map, const char *key);

/** Whether a key of `map` is most like `name`, of all of `keys`, or is another tool's
 *  word for it: then that one is mistyped, which is told of, and not missing. */
bool lf_yaml_meant(const struct lf_yaml *map, const struct lf_key *keys,
                   const char *name);

#endif
