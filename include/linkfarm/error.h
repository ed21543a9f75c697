/* SPDX-License-Identifier: MIT */
/*
 * error.h - what went wrong, where, and what to do about it
 *
 * Two kinds of trouble are kept apart. An *error* ends the call that met it:
 * the function returns false and fills the caller's `struct lf_error`. A
 * *diagnostic* is a fault in what a user wrote, or a finding about it: it is
 * data, collected in a `struct lf_diags` so that one run reports all of them.
 * Both carry a stable code (docs/errors.md lists each with its cure) and, where
 * there is one, the place in a manifest.
 */
#ifndef LINKFARM_ERROR_H
#define LINKFARM_ERROR_H

#include <linkfarm/str.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LF_CODE_ENUM(number, name, exit_code, meaning)                         \
    LF_CODE_##name = (number),

/** Stable codes, printed as LF and three digits. A number is never reused. */
enum lf_code {
    LF_CODE_NONE = 0,
#include <linkfarm/codes.h>
};

#undef LF_CODE_ENUM

/** A file that a user wrote, kept so that a fault can show its line. */
struct lf_source {
    struct lf_str name; /* as the user would spell it */
    struct lf_str text; /* the whole file; may hold any byte */
    struct lf_str path; /* absolute path of the file; empty if not known */
};

/** A place in a source. Lines and columns count from 1; 0 is "no place". */
struct lf_mark {
    const struct lf_source *source; /* NULL when there is no place */
    uint32_t line;
    uint32_t column; /* in characters (UTF-8 code points) of that line */
    uint32_t width;  /* characters to underline; 0 is taken as 1 */
};

/**
 * Why a call failed. Owned by the caller, needs no clean-up: the texts are
 * stored inside, and are shortened in the middle when they do not fit.
 */
struct lf_error {
    enum lf_code code;
    int os_errno;        /* errno of the system call behind it; 0 if none */
    struct lf_mark mark; /* borrows the manifest that it points into */
    char message[2048];  /* one sentence, lower case, no full stop */
    char help[1024];     /* the cure; empty when the message says it */
};

/** Replace what `err` says. `help` is left empty; see lf_error_help(). */
LF_PUBLIC void lf_error_set(struct lf_error *err, enum lf_code code,
                            int os_errno, const char *format, ...)
        LF_PRINTF(4, 5);

/** Say what to do about it. */
LF_PUBLIC void lf_error_help(struct lf_error *err, const char *format, ...)
        LF_PRINTF(2, 3);

/** Put "while ..." context, which only the caller knows, before the message. */
LF_PUBLIC void lf_error_prefix(struct lf_error *err, const char *format, ...)
        LF_PRINTF(2, 3);

/** Set `err` to "out of memory". Returns false, for `return lf_error_oom(err);`. */
LF_PUBLIC bool lf_error_oom(struct lf_error *err);
#ifdef __clang_analyzer__ /* which sees one file, and does not know the result */
#define lf_error_oom(err) (lf_error_oom(err), false)
#endif

/** The exit status (see linkfarm(1)) that an error of `code` calls for. */
LF_PUBLIC int lf_code_exit(enum lf_code code);

/** The short meaning of `code`, static; NULL for a number that is not a code. */
LF_PUBLIC const char *lf_code_meaning(enum lf_code code);

/** All codes in ascending order: the `index`th, or LF_CODE_NONE past the end. */
LF_PUBLIC enum lf_code lf_code_at(size_t index);

enum lf_severity {
    LF_SEVERITY_NOTE,
    LF_SEVERITY_WARNING,
    LF_SEVERITY_ERROR,
};

/** One fault or finding. All texts belong to the `lf_diags` that holds it. */
struct lf_diag {
    enum lf_code code;
    enum lf_severity severity;
    struct lf_mark mark;
    struct lf_str message;
    struct lf_str help; /* may be empty; may hold several lines */
};

/**
 * A list of diagnostics. It keeps the first `limit` and counts the rest, so
 * that a hostile manifest cannot fill memory with complaints about itself.
 */
struct lf_diags;

/** Make an empty list that keeps `limit` (1 or more). NULL when out of memory. */
LF_PUBLIC struct lf_diags *lf_diags_new(size_t limit);

/** Free a list and its texts; NULL is allowed. */
LF_PUBLIC void lf_diags_free(struct lf_diags *diags);

/**
 * Add a diagnostic; `format` makes its message. `help` may be NULL and is
 * copied. Running out of memory is remembered: see lf_diags_failed().
 */
LF_PUBLIC void lf_diags_add(struct lf_diags *diags, enum lf_code code,
                            enum lf_severity severity, struct lf_mark mark,
                            const char *help, const char *format, ...)
        LF_PRINTF(6, 7);

/** How many were kept. */
LF_PUBLIC size_t lf_diags_count(const struct lf_diags *diags);

/** How many errors were added, kept or not (warnings and notes not counted). */
LF_PUBLIC size_t lf_diags_errors(const struct lf_diags *diags);

/** How many were added and not kept, of any severity. */
LF_PUBLIC size_t lf_diags_dropped(const struct lf_diags *diags);

/** The `index`th kept diagnostic, in the order of adding. Borrowed. */
LF_PUBLIC const struct lf_diag *lf_diags_at(const struct lf_diags *diags,
                                            size_t index);

/** Whether memory ran out while a diagnostic was added. */
LF_PUBLIC bool lf_diags_failed(const struct lf_diags *diags);

#ifdef __cplusplus
}
#endif

#endif
