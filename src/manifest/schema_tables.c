/* SPDX-License-Identifier: MIT */
/*
 * schema_tables.c - which keys a manifest has, and what their values look like
 *
 * docs/linkfarm-1.schema.json says the same for editors and linkfarm.yaml(5)
 * for people; tests/schema holds the three equal.
 */
#include "manifest/schema.h"

#define TEXT .flags = LF_TYPE_TEXT
#define MAP .flags = LF_TYPE_MAP

/* ---- words ---- */

const char *const lf_conflict_words[] = {"fail", "skip", "backup", "adopt",
                                         NULL};
const char *const lf_style_words[] = {"relative", "absolute", NULL};
const char *const lf_fold_words[] = {"never", "auto", NULL};
const char *const lf_dangling_words[] = {"deny", "allow", NULL};
static const char *const dots[] = {"none", "marked", "top", NULL};
const char *const lf_policy_words[LF_POLICY_RULES + 1] = {
        "dangling",           "escape",     "world_writable_parent",
        "absolute_into_home", "long_chain", NULL};

static const struct lf_type conflict = {
        .what = "a word", .words = lf_conflict_words, .no = "fail", TEXT};
static const struct lf_type style = {
        .what = "a word", .words = lf_style_words, TEXT};
static const struct lf_type fold = {.what = "a word",
                                    .words = lf_fold_words,
                                    .yes = "auto",
                                    .no = "never",
                                    TEXT};
static const struct lf_type dangling = {.what = "a word",
                                        .words = lf_dangling_words,
                                        .yes = "allow",
                                        .no = "deny",
                                        TEXT};
static const struct lf_type dot = {
        .what = "a word", .words = dots, .yes = "marked", .no = "none", TEXT};
static const struct lf_type denial = {
        .what = "a word", .words = lf_policy_words, TEXT};

/* ---- texts ---- */

static const struct lf_type anything = {.what = "anything",
                                        .flags = LF_TYPE_ANYTHING};
static const struct lf_type text = {
        .what = "a text", .check = lf_check_not_empty, TEXT};
static const struct lf_type value = {
        .what = "a text", .check = lf_check_value, TEXT};
static const struct lf_type path = {
        .what = "a path", .check = lf_check_path_form, TEXT};
static const struct lf_type link_text = {
        .what = "a path", .check = lf_check_link_text, TEXT};
static const struct lf_type included = {
        .what = "a path", .check = lf_check_included, TEXT};
static const struct lf_type pattern = {
        .what = "a pattern", .check = lf_check_pattern, TEXT};
static const struct lf_type version = {.what = "the number 1",
                                       .help = "write version: 1",
                                       .check = lf_check_version,
                                       TEXT};
static const struct lf_type farm_name = {.what = "a name",
                                         .help = "write name: dotfiles",
                                         .check = lf_check_farm_name,
                                         TEXT};
static const struct lf_type mode = {.what = "an octal mode",
                                    .help = "write mode: \"0700\"",
                                    .check = lf_check_mode,
                                    TEXT};

/* ---- lists ---- */

static const struct lf_type patterns = {.what = "a list of patterns",
                                        .help = "write [\"*.swp\", .git/]",
                                        .item = &pattern,
                                        .flags = LF_TYPE_LIST};
static const struct lf_type paths = {.what = "a list of paths",
                                     .help = "write [\"~/.config\"]",
                                     .item = &path,
                                     .flags = LF_TYPE_LIST};
static const struct lf_type files = {.what = "a list of paths",
                                     .help = "write [hosts.yaml]",
                                     .item = &included,
                                     .flags = LF_TYPE_LIST};
static const struct lf_type names = {.what = "a list of names",
                                     .help = "write [NAME]",
                                     .item = &text,
                                     .flags = LF_TYPE_LIST};
static const struct lf_type words_denied = {.what = "a list of words",
                                            .help = "write [dangling]",
                                            .item = &denial,
                                            .flags = LF_TYPE_LIST};

/* ---- conditions ---- */

static const struct lf_type texts = {
        .what = "a text, or a list of which any will do",
        .item = &text,
        .check = lf_check_not_empty,
        .flags = LF_TYPE_TEXT | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type profile = {
        .what = "a name", .check = lf_check_profile, TEXT};
static const struct lf_type profiles = {
        .what = "a name, or a list of which any will do",
        .item = &profile,
        .check = lf_check_profile,
        .flags = LF_TYPE_TEXT | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type glob = {
        .what = "a pattern", .check = lf_check_glob, TEXT};
static const struct lf_type globs = {
        .what = "a pattern, or a list of which any will do",
        .item = &glob,
        .check = lf_check_glob,
        .flags = LF_TYPE_TEXT | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type env_value = {.what = "a text", TEXT};
static const struct lf_type env_texts = {
        .what = "a text, or a list of which any will do",
        .item = &env_value,
        .flags = LF_TYPE_TEXT | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type some_paths = {
        .what = "a path, or a list of which any will do",
        .item = &path,
        .check = lf_check_path_form,
        .flags = LF_TYPE_TEXT | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type environment = {
        .what = "a mapping of names to values",
        .help = "write env: {NAME: value}",
        .check_key = lf_check_var_name,
        .value = &env_texts,
        MAP};

static const struct lf_type when, negation;
static const struct lf_type alternatives = {
        .what = "a list of mappings",
        .help = "write any: [{os: linux}, {host: \"vm-*\"}]",
        .item = &when,
        .flags = LF_TYPE_LIST | LF_TYPE_SOME};

static const struct lf_key condition_keys[] = {
        {"os",      &texts,        0},
        {"arch",    &texts,        0},
        {"host",    &globs,        0},
        {"user",    &texts,        0},
        {"profile", &profiles,     0},
        {"env",     &environment,  0},
        {"exists",  &some_paths,   0},
        {"not",     &negation,     0},
        {"any",     &alternatives, 0},
        {NULL,      NULL,          0},
};
static const struct lf_type when = {.what = "a mapping of conditions",
                                    .help = "write when: {os: linux}",
                                    .keys = condition_keys,
                                    MAP};
static const struct lf_type negation = {.what = "a mapping of conditions",
                                        .help = "write not: {os: linux}",
                                        .keys = condition_keys,
                                        .flags = LF_TYPE_MAP | LF_TYPE_SOME};

/* ---- entries ---- */

const struct lf_key lf_link_keys[] = {
        {"from",     &path,      0},
        {"to",       &link_text, 0},
        {"style",    &style,     0},
        {"conflict", &conflict,  0},
        {"dangling", &dangling,  0},
        {"when",     &when,      0},
        {NULL,       NULL,       0},
};
static const struct lf_type choice = {
        .what = "a source, or a mapping with from or to",
        .keys = lf_link_keys,
        .check_map = lf_check_source,
        .check = lf_check_path_form,
        .flags = LF_TYPE_TEXT | LF_TYPE_MAP};
static const struct lf_type link = {
        .what = "a source, a mapping with from or to, or a list of these",
        .keys = lf_link_keys,
        .check_map = lf_check_source,
        .item = &choice,
        .check = lf_check_path_form,
        .flags = LF_TYPE_TEXT | LF_TYPE_MAP | LF_TYPE_LIST | LF_TYPE_SOME};
static const struct lf_type links = {
        .what = "a mapping of link paths to sources",
        .help = "write ~/.vimrc: vim/vimrc",
        .check_key = lf_check_link_path,
        .value = &link,
        MAP};

static const struct lf_key rule_keys[] = {
        {"fold",     &fold,     0},
        {"style",    &style,    0},
        {"conflict", &conflict, 0},
        {NULL,       NULL,      0},
};
static const struct lf_type rule = {.what = "a mapping",
                                    .help = "write \"nvim/lua/\": {fold: auto}",
                                    .keys = rule_keys,
                                    MAP};
static const struct lf_type rules = {
        .what = "a mapping of patterns to settings",
        .help = "write \"nvim/lua/\": {fold: auto}",
        .check_key = lf_check_rule,
        .value = &rule,
        MAP};

static const struct lf_type dir_from = {.what = "a path",
                                        .help = "write from: vim",
                                        .check = lf_check_path_form,
                                        TEXT};
static const struct lf_key tree_keys[] = {
        {"name",      &text,     0              },
        {"from",      &dir_from, LF_KEY_REQUIRED},
        {"into",      &path,     0              },
        {"only",      &patterns, 0              },
        {"ignore",    &patterns, 0              },
        {"dot",       &dot,      0              },
        {"fold",      &fold,     0              },
        {"style",     &style,    0              },
        {"conflict",  &conflict, 0              },
        {"dangling",  &dangling, 0              },
        {"rules",     &rules,    0              },
        {"when",      &when,     0              },
        {"overrides", &names,    0              },
        {NULL,        NULL,      0              },
};
static const struct lf_type tree = {.what = "a mapping with from",
                                    .help = "write - from: vim",
                                    .keys = tree_keys,
                                    MAP};
static const struct lf_type trees = {
        .what = "a list of trees",
        .help = "begin each tree with - from: NAME",
        .item = &tree,
        .flags = LF_TYPE_LIST};

static const struct lf_key dir_keys[] = {
        {"mode", &mode, 0},
        {"when", &when, 0},
        {NULL,   NULL,  0},
};
static const struct lf_type dir = {.what = "a mapping",
                                   .help = "write {mode: \"0700\"}, or {} for "
                                           "the usual mode",
                                   .keys = dir_keys,
                                   MAP};
static const struct lf_type dirs = {.what = "a mapping of directories",
                                    .help = "write ~/.ssh: {mode: \"0700\"}",
                                    .check_key = lf_check_dir_path,
                                    .value = &dir,
                                    MAP};

/* ---- the whole ---- */

static const struct lf_type vars = {.what = "a mapping of names to values",
                                    .help = "write NAME: value",
                                    .check_key = lf_check_var_name,
                                    .value = &value,
                                    MAP};
static const struct lf_key default_keys[] = {
        {"conflict", &conflict, 0},
        {"style",    &style,    0},
        {"fold",     &fold,     0},
        {"dangling", &dangling, 0},
        {NULL,       NULL,      0},
};
static const struct lf_type defaults = {.what = "a mapping",
                                        .help = "write {conflict: fail}",
                                        .keys = default_keys,
                                        MAP};
static const struct lf_key policy_keys[] = {
        {"deny",        &words_denied, 0},
        {"allow_under", &paths,        0},
        {NULL,          NULL,          0},
};
static const struct lf_type policy = {.what = "a mapping",
                                      .help = "write {deny: [dangling]}",
                                      .keys = policy_keys,
                                      MAP};

static const struct lf_key manifest_keys[] = {
        {"version",  &version,   LF_KEY_REQUIRED              },
        {"name",     &farm_name, LF_KEY_REQUIRED | LF_KEY_MAIN},
        {"from",     &path,      LF_KEY_MAIN                  },
        {"into",     &path,      LF_KEY_MAIN                  },
        {"vars",     &vars,      0                            },
        {"defaults", &defaults,  LF_KEY_MAIN                  },
        {"ignore",   &patterns,  0                            },
        {"traverse", &paths,     0                            },
        {"links",    &links,     0                            },
        {"trees",    &trees,     0                            },
        {"dirs",     &dirs,      0                            },
        {"include",  &files,     0                            },
        {"policy",   &policy,    LF_KEY_MAIN                  },
        {"x-",       &anything,  0                            }, /* stands for all of them */
        {NULL,       NULL,       0                            },
};
const struct lf_type lf_type_manifest = {
        .what = "a mapping",
        .help = "a manifest begins with \"version: 1\"; a key needs a space "
                "behind its colon",
        .keys = manifest_keys,
        .flags = LF_TYPE_MAP | LF_TYPE_X_KEYS};
