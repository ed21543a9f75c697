/* SPDX-License-Identifier: MIT */
/*
 * options.h - what was typed, as a value
 *
 * The options are one table (options_table.c), the commands another
 * (commands.c): parsing, `help`, the completions and the suggestions all read
 * these, so that none of them can know an option that another does not.
 */
#ifndef LF_CLI_OPTIONS_H
#define LF_CLI_OPTIONS_H

#include <linkfarm/error.h>
#include <stdint.h>

struct lf_command;

enum lf_form {
    LF_FORM_TEXT,
    LF_FORM_JSON,
    LF_FORM_PORCELAIN,
};

enum lf_color {
    LF_COLOR_AUTO,
    LF_COLOR_ALWAYS,
    LF_COLOR_NEVER,
};

/** The options, in the order of `help`. */
enum lf_option_id {
    LF_OPT_PLAN,
    LF_OPT_OUTPUT,
    LF_OPT_NAME,
    LF_OPT_EXIT_CODE,
    LF_OPT_FULL,
    LF_OPT_KEEP,
    LF_OPT_INTO,
    LF_OPT_FORMAT,
    LF_OPT_NO_FOLLOW,
    LF_OPT_ALLOW_MISSING,
    LF_OPT_IN_ROOT,
    LF_OPT_BENEATH,
    LF_OPT_FLAVOUR,
    LF_OPT_FIXTURE,
    LF_OPT_DRY_RUN,
    LF_OPT_QUIET,
    LF_OPT_VERBOSE,
    LF_OPT_JSON,
    LF_OPT_PORCELAIN,
    LF_OPT_NUL,
    LF_OPT_COLOR,
    LF_OPT_NO_PROGRESS,
    LF_OPT_ROOT,
    LF_OPT_STATE_DIR,
    LF_OPT_PROFILE,
    LF_OPT_VAR,
    LF_OPT_LOCK_TIMEOUT,
    LF_OPT_NO_SANDBOX,
    LF_OPT_THREADS,
    LF_OPT_HELP,
    LF_OPT_VERSION,
    LF_OPTIONS,
};

/** A set of options, as lf_command.options. */
typedef uint32_t lf_option_set;
#define LF_OPT_BIT(id) ((uint32_t)1 << (id))

/** How an option's argument is taken. */
enum lf_take {
    LF_TAKE_FLAG,  /* no argument; a bool */
    LF_TAKE_COUNT, /* no argument, may be repeated; an unsigned */
    LF_TAKE_TEXT,  /* a const char *; the last one given holds */
    LF_TAKE_LIST,  /* a struct lf_texts */
    LF_TAKE_VAR,   /* NAME=VALUE; a struct lf_texts */
    LF_TAKE_COLOR,
    LF_TAKE_FORM_JSON,
    LF_TAKE_FORM_PORCELAIN, /* its argument may be left out */
    LF_TAKE_SECONDS,        /* an int64_t of milliseconds */
    LF_TAKE_NUMBER,         /* a uint64_t from 1 up */
};

struct lf_option {
    enum lf_option_id id;
    char letter; /* 0: has none */
    const char *name;
    const char *argument; /* shown in help; NULL: takes none */
    enum lf_take take;
    size_t offset; /* of its member in struct lf_options */
    const char *help;
};

extern const struct lf_option lf_options_table[LF_OPTIONS];

/** Texts that borrow argv. */
struct lf_texts {
    const char **items;
    size_t count;
    uint32_t capacity; /* of a list that was typed */
};

struct lf_options {
    const struct lf_command *command; /* NULL: none was given */
    struct lf_texts operands;         /* without the command */
    lf_option_set given;
    enum lf_form form;
    enum lf_color color;
    unsigned verbose;
    int64_t lock_timeout_ms;
    uint64_t keep;
    uint64_t threads; /* 0: as many as there are processors */
    const char *plan, *output, *name, *in_root, *beneath, *flavour, *fixture;
    const char *root, *state_dir, *into, *format;
    struct lf_texts profiles, vars;
    bool no_sandbox, exit_code, full, no_follow, allow_missing, dry_run, quiet,
            nul, no_progress;
    bool help, version;
    bool profiles_fixed; /* `profiles` are all, even if there are none */
};

/**
 * Read the command line. Options may stand before and after operands; the
 * first operand is the command. Texts borrow `argv`. On success the caller frees
 * with lf_options_finish(). Errors are those of usage (LF_CODE_UNKNOWN_OPTION ...);
 * then only the colour that was read so far is in `*ret_options`, for the message.
 * Not for several threads: getopt keeps its place in variables of its own.
 */
bool lf_options_parse(int argc, char **argv, struct lf_options *ret_options,
                      struct lf_error *err);
void lf_options_finish(struct lf_options *options);

/** Whether it is what --var takes, NAME=VALUE with a name that one can have. */
bool lf_option_var_valid(const char *value);

/** The first operand; NULL without one. */
static inline const char *lf_operand(const struct lf_options *options)
{
    return options->operands.count ? options->operands.items[0] : NULL;
}

/** Whether the option was given on the command line. */
static inline bool lf_option_given(const struct lf_options *options,
                                   enum lf_option_id id)
{
    return options->given & LF_OPT_BIT(id);
}

#endif
