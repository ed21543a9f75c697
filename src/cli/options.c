/* SPDX-License-Identifier: MIT */
/*
 * options.c - reading the command line
 */
#define _GNU_SOURCE /* getopt_long(3) */
#include "cli/options.h"

#include "base/nearest.h"
#include "base/util.h"
#include "cli/commands.h"
#include "manifest/expansion.h"

#include <getopt.h>

enum {
    LOCK_TIMEOUT_MS = 10 * 1000,
    KEEP = 10,                         /* generations */
    LOCK_TIMEOUT_LIMIT = 24 * 60 * 60, /* seconds */
    WORD = 1,         /* getopt's value for what is no option, */
    FIRST_LONG = 256, /* and for option n: above every letter */
};

/* What getopt_long(3) wants to know, made from lf_options_table. */
struct getopt_tables {
    struct option longs[LF_OPTIONS + 1];
    char shorts[2 * LF_OPTIONS + 3];
};

static void make_tables(struct getopt_tables *tables)
{
    char *letter = tables->shorts;
    *letter++ = '-'; /* words in their order, whatever POSIXLY_CORRECT says */
    *letter++ = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < LF_OPTIONS; i++) {
        const struct lf_option *option = &lf_options_table[i];
        int has = !option->argument                        ? no_argument
                  : option->take == LF_TAKE_FORM_PORCELAIN ? optional_argument
                                                           : required_argument;
        tables->longs[i] =
                (struct option){option->name, has, NULL, FIRST_LONG + (int)i};
        if (!option->letter)
            continue;
        *letter++ = option->letter;
        if (option->argument)
            *letter++ = ':';
    }
    *letter = '\0';
    tables->longs[LF_OPTIONS] = (struct option){0};
}

/* The index of the option that getopt_long(3) means; LF_OPTIONS: none. */
static size_t find_option(int value)
{
    size_t i = 0;
    while (i < LF_OPTIONS && value != FIRST_LONG + (int)i &&
           (value == 0 || value != lf_options_table[i].letter))
        i++;
    return i;
}

/* ---- what getopt could not take ---- */

static const char *next_name(const void *arg, size_t index)
{
    (void)arg;
    return index < LF_OPTIONS ? lf_options_table[index].name : NULL;
}

/* `before` is said first. The options are listed by the help of their command, which
 * may not have been typed yet. */
static void point_to_options(const char *before,
                             const struct lf_options *options,
                             struct lf_error *err)
{
    const char *word = lf_operand(options);
    bool known = word && lf_command_find(word);
    lf_error_help(err, "%s'linkfarm help %s' lists its options", before,
                  known ? word : "COMMAND");
}

static void tell_no_force(struct lf_error *err)
{
    lf_error_help(err, "there is no force: what may be replaced is said in the "
                       "manifest, with 'conflict: backup'");
}

static bool bad_long(const char *typed, const struct lf_options *options,
                     struct lf_error *err)
{
    struct lf_str name = lf_str_of(typed + 2, strcspn(typed + 2, "="));
    size_t begun = 0;
    for (size_t i = 0; i < LF_OPTIONS; i++)
        begun += lf_str_starts(lf_str(lf_options_table[i].name), name);
    if (name.len > 0 && begun > 1) {
        lf_error_set(err, LF_CODE_UNKNOWN_OPTION, 0,
                     "option --%.*s is the beginning of several", (int)name.len,
                     name.data);
        point_to_options("write it out; ", options, err);
        return false;
    }
    lf_error_set(err, LF_CODE_UNKNOWN_OPTION, 0, "unknown option --%.*s",
                 (int)name.len, name.data);
    const char *near = lf_nearest(name, next_name, NULL);
    if (lf_str_equal(name, LF_STR("force")))
        tell_no_force(err);
    else if (near)
        lf_error_help(err, "did you mean --%s?", near);
    else
        point_to_options("", options, err);
    return false;
}

/* `typed` is the word that getopt was at. */
static bool bad_option(const char *typed, const struct lf_options *options,
                       struct lf_error *err)
{
    size_t known = find_option(optopt);
    if (known < LF_OPTIONS) {
        lf_error_set(err, LF_CODE_OPTION_VALUE, 0,
                     "option --%s takes no argument",
                     lf_options_table[known].name);
        return false;
    }
    if (optopt == 0 && strncmp(typed, "--", 2) == 0)
        return bad_long(typed, options, err);
    lf_error_set(err, LF_CODE_UNKNOWN_OPTION, 0, "unknown option -%c", optopt);
    if (optopt == 'f')
        tell_no_force(err);
    else
        point_to_options("", options, err);
    return false;
}

static bool missing_argument(struct lf_error *err)
{
    const struct lf_option *option = &lf_options_table[find_option(optopt)];
    lf_error_set(err, LF_CODE_OPTION_VALUE, 0,
                 "option --%s needs an argument: %s", option->name,
                 option->argument);
    return false;
}

/* ---- taking one option ---- */

static bool bad_value(const struct lf_option *option, const char *value,
                      struct lf_error *err)
{
    lf_error_set(err, LF_CODE_OPTION_VALUE, 0,
                 "option --%s cannot be '%s': it takes %s", option->name, value,
                 option->argument);
    return false;
}

static bool take_color(const struct lf_option *option, const char *value,
                       enum lf_color *color, struct lf_error *err)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < LF_COUNT(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            *color = (enum lf_color)i;
            return true;
        }
    }
    return bad_value(option, value, err);
}

/* Seconds, with up to three digits after a point: "2", "0.5". */
static bool take_seconds(const struct lf_option *option, const char *value,
                         int64_t *ms, struct lf_error *err)
{
    int64_t whole = 0, part = 0;
    const char *at = value;
    for (; *at >= '0' && *at <= '9' && whole <= LOCK_TIMEOUT_LIMIT; at++)
        whole = whole * 10 + (*at - '0');
    if (*at == '.' && at > value) {
        int64_t unit = 100;
        for (at++; *at >= '0' && *at <= '9' && unit > 0; at++, unit /= 10)
            part += (*at - '0') * unit;
    }
    if (at == value || *at || whole > LOCK_TIMEOUT_LIMIT) {
        bad_value(option, value, err);
        lf_error_help(err, "0 to %d, with a fraction or without: 0.5",
                      LOCK_TIMEOUT_LIMIT);
        return false;
    }
    *ms = whole * 1000 + part;
    return true;
}

static bool take_number(const struct lf_option *option, const char *value,
                        uint64_t *number, struct lf_error *err)
{
    const char *at = value;
    for (*number = 0; *at >= '0' && *at <= '9' && *number < UINT64_MAX / 100;
         at++)
        *number = *number * 10 + (uint64_t)(*at - '0');
    if (*number > 0 && !*at)
        return true;
    bad_value(option, value, err);
    lf_error_help(err, "N is a number, 1 or more");
    return false;
}

static bool add_text(struct lf_texts *texts, const char *value,
                     struct lf_error *err)
{
    void *items = texts->items;
    /* no more than argc, which is an int */
    if (!lf_array_reserve(&items, (uint32_t)texts->count, &texts->capacity,
                          sizeof(*texts->items)))
        return lf_error_oom(err);
    texts->items = items;
    texts->items[texts->count++] = value;
    return true;
}

bool lf_option_var_valid(const char *value)
{
    const char *sign = strchr(value, '=');
    return sign && lf_var_name_valid(lf_str_of(value, (size_t)(sign - value)));
}

static bool take_var(const struct lf_option *option, const char *value,
                     struct lf_texts *vars, struct lf_error *err)
{
    if (lf_option_var_valid(value))
        return add_text(vars, value, err);
    bad_value(option, value, err);
    if (strchr(value, '='))
        lf_error_help(err, "a name has letters, digits and _, and no digit at "
                           "the start");
    return false;
}

static bool take_porcelain(const char *value, enum lf_form *form,
                           struct lf_error *err)
{
    *form = LF_FORM_PORCELAIN;
    if (!value || strcmp(value, "v1") == 0)
        return true;
    lf_error_set(err, LF_CODE_PORCELAIN_VERSION, 0,
                 "there is no version '%s' of --porcelain", value);
    lf_error_help(err, "this linkfarm knows v1");
    return false;
}

static bool take_option(const struct lf_option *option, const char *value,
                        struct lf_options *options, struct lf_error *err)
{
    void *place = (char *)options + option->offset;
    options->given |= LF_OPT_BIT(option->id);
    switch (option->take) {
    case LF_TAKE_FLAG:
        *(bool *)place = true;
        return true;
    case LF_TAKE_COUNT:
        ++*(unsigned *)place;
        return true;
    case LF_TAKE_TEXT:
        *(const char **)place = value;
        return *value ? true : bad_value(option, value, err);
    case LF_TAKE_LIST:
        return *value ? add_text(place, value, err)
                      : bad_value(option, value, err);
    case LF_TAKE_VAR:
        return take_var(option, value, place, err);
    case LF_TAKE_COLOR:
        return take_color(option, value, place, err);
    case LF_TAKE_FORM_JSON:
        *(enum lf_form *)place = LF_FORM_JSON;
        return true;
    case LF_TAKE_FORM_PORCELAIN:
        return take_porcelain(value, place, err);
    case LF_TAKE_SECONDS:
        return take_seconds(option, value, place, err);
    case LF_TAKE_NUMBER:
        return take_number(option, value, place, err);
    }
    return true;
}

/* ---- what may stand together ---- */

/* Options that exclude each other, and those that need another. */
static const struct {
    enum lf_option_id one, other;
    bool needs;
} pairs[] = {
        {LF_OPT_JSON,    LF_OPT_PORCELAIN, false},
        {LF_OPT_QUIET,   LF_OPT_VERBOSE,   false},
        {LF_OPT_IN_ROOT, LF_OPT_BENEATH,   false},
        {LF_OPT_PLAN,    LF_OPT_PROFILE,   false},
        {LF_OPT_PLAN,    LF_OPT_VAR,       false},
        {LF_OPT_PLAN,    LF_OPT_ROOT,      false},
        {LF_OPT_PLAN,    LF_OPT_STATE_DIR, false},
        {LF_OPT_FIXTURE, LF_OPT_ROOT,      false},
        {LF_OPT_NUL,     LF_OPT_PORCELAIN, true },
};

static bool check_pairs(const struct lf_options *options, struct lf_error *err)
{
    for (size_t i = 0; i < LF_COUNT(pairs); i++) {
        if (!lf_option_given(options, pairs[i].one) ||
            lf_option_given(options, pairs[i].other) == pairs[i].needs)
            continue;
        lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0,
                     pairs[i].needs
                             ? "option --%s needs option --%s"
                             : "options --%s and --%s exclude each other",
                     lf_options_table[pairs[i].one].name,
                     lf_options_table[pairs[i].other].name);
        if (pairs[i].one == LF_OPT_PLAN)
            lf_error_help(err, "a saved plan holds the ones that it was made "
                               "with");
        return false;
    }
    return true;
}

/* So that a script can pass the same to all commands, these are taken where
 * they mean nothing too; `help COMMAND` is silent about them there. */
static const lf_option_set everywhere =
        LF_OPT_BIT(LF_OPT_DRY_RUN) | LF_OPT_BIT(LF_OPT_QUIET) |
        LF_OPT_BIT(LF_OPT_VERBOSE) | LF_OPT_BIT(LF_OPT_COLOR) |
        LF_OPT_BIT(LF_OPT_NO_PROGRESS) | LF_OPT_BIT(LF_OPT_ROOT) |
        LF_OPT_BIT(LF_OPT_STATE_DIR) | LF_OPT_BIT(LF_OPT_PROFILE) |
        LF_OPT_BIT(LF_OPT_VAR) | LF_OPT_BIT(LF_OPT_LOCK_TIMEOUT) |
        LF_OPT_BIT(LF_OPT_NO_SANDBOX) | LF_OPT_BIT(LF_OPT_THREADS) |
        LF_OPT_BIT(LF_OPT_HELP) | LF_OPT_BIT(LF_OPT_VERSION);

static bool check_known(const struct lf_options *options, struct lf_error *err)
{
    const struct lf_command *command = options->command;
    lf_option_set odd = options->given & ~(command->options | everywhere);
    for (size_t i = 0; odd && i < LF_OPTIONS; i++) {
        if (!(odd & LF_OPT_BIT(i)))
            continue;
        lf_error_set(err, LF_CODE_OPTION_CONFLICT, 0, "'%s' has no option --%s",
                     command->name, lf_options_table[i].name);
        lf_error_help(err, "'linkfarm help %s' lists its options",
                      command->name);
        return false;
    }
    return true;
}

static bool check_operands(const struct lf_options *options,
                           struct lf_error *err)
{
    const struct lf_command *command = options->command;
    size_t count = options->operands.count;
    if (options->help || (count >= command->min && count <= command->max))
        return true;
    if (count < command->min)
        lf_error_set(err, LF_CODE_OPERANDS, 0, "'%s' needs %s", command->name,
                     command->operands);
    else
        lf_error_set(err, LF_CODE_OPERANDS, 0,
                     "'%s' does not know what to do with '%s'", command->name,
                     options->operands.items[command->max]);
    lf_error_help(err, "usage: linkfarm %s [OPTIONS]%s%s", command->name,
                  *command->operands ? " " : "", command->operands);
    return false;
}

/* The first word is the command. */
static bool take_command(struct lf_options *options, struct lf_error *err)
{
    struct lf_texts *words = &options->operands;
    if (words->count == 0)
        return true;
    const char *name = words->items[0];
    options->command = lf_command_find(name);
    if (!options->command) {
        const char *near = lf_command_nearest(name);
        lf_error_set(err, LF_CODE_UNKNOWN_COMMAND, 0, "unknown command '%s'",
                     name);
        if (near)
            lf_error_help(err, "did you mean '%s'?", near);
        else
            lf_error_help(err, "'linkfarm help' lists the commands");
        return false;
    }
    words->count--;
    memmove(words->items, words->items + 1,
            words->count * sizeof(*words->items));
    return check_known(options, err) && check_operands(options, err);
}

static bool read_words(int argc, char **argv, struct lf_options *options,
                       struct lf_error *err)
{
    struct getopt_tables tables;
    int value;
    make_tables(&tables);
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    while ((value = getopt_long(argc, argv, tables.shorts, tables.longs,
                                NULL)) != -1) {
        if (value == '?')
            return bad_option(argv[optind - 1], options, err);
        if (value == ':')
            return missing_argument(err);
        if (!(value == WORD ? add_text(&options->operands, optarg, err)
                            : take_option(&lf_options_table[find_option(value)],
                                          optarg, options, err)))
            return false;
    }
    for (; argv[optind]; optind++) { /* what follows -- */
        if (!add_text(&options->operands, argv[optind], err))
            return false;
    }
    return true;
}

bool lf_options_parse(int argc, char **argv, struct lf_options *ret_options,
                      struct lf_error *err)
{
    struct lf_options options = {.lock_timeout_ms = LOCK_TIMEOUT_MS,
                                 .keep = KEEP};
    if (read_words(argc, argv, &options, err) && take_command(&options, err) &&
        check_pairs(&options, err)) {
        *ret_options = options;
        return true;
    }
    *ret_options = (struct lf_options){.color = options.color};
    lf_options_finish(&options);
    return false;
}

void lf_options_finish(struct lf_options *options)
{
    free(options->operands.items);
    free(options->profiles.items);
    free(options->vars.items);
    *options = (struct lf_options){0};
}
