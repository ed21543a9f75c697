/* SPDX-License-Identifier: MIT */
/*
 * expansion.h - `~/`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, `$$`
 *
 * Expanded once: a value is never looked through again. A default may hold
 * further `${}`. `~/` counts at the start of a text, and at the start of a
 * default that begins a text.
 */
#ifndef LF_MANIFEST_EXPANSION_H
#define LF_MANIFEST_EXPANSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/strmap.h"
#include "manifest/facts.h"

struct lf_var {
    struct lf_str name; /* followed by a NUL */
    struct lf_str value;
    struct lf_mark mark;
};

/** What names stand for. Zero-initialise and set `facts`. */
struct lf_scope {
    const struct lf_facts *facts;
    struct lf_strmap index; /* name -> index into vars */
    struct lf_var *vars;
    uint32_t n_vars, capacity;
    struct lf_str manifest_dir;
};

void lf_scope_finish(struct lf_scope *scope);

/**
 * Define a variable, borrowing its texts. If its name is defined already, nothing
 * changes and `*ret_old` points to that definition; else it is NULL.
 * False: no memory.
 */
bool lf_scope_define(struct lf_scope *scope, struct lf_var var,
                     const struct lf_var **ret_old);

/** Whether `name` is a name: a letter or `_`, then letters, digits, `_`. */
bool lf_var_name_valid(struct lf_str name);

/** What is wrong in a text, and where. */
struct lf_expansion_fault {
    enum lf_code code;
    size_t offset, len; /* bytes of the text */
    char message[256];
    char help[256];
};

/**
 * Append to `out` what `text` expands to. With `scope` NULL only the form is
 * checked, and what is appended means nothing. Returns false with `*ret_fault`
 * set if something is wrong; memory running out is remembered by `out`.
 */
bool lf_expand(const struct lf_scope *scope, struct lf_str text,
               struct lf_buf *out, struct lf_expansion_fault *ret_fault);

#endif
