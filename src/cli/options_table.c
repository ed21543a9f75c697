/* SPDX-License-Identifier: MIT */
/*
 * options_table.c - every option there is
 */
#include "cli/options.h"

#define OPTION(name_of_id, letter_or_0, long_name, argument_name, how, member, \
               text)                                                           \
    [LF_OPT_##name_of_id] = {LF_OPT_##name_of_id,                              \
                             letter_or_0,                                      \
                             long_name,                                        \
                             argument_name,                                    \
                             LF_TAKE_##how,                                    \
                             offsetof(struct lf_options, member),              \
                             text}

const struct lf_option lf_options_table[LF_OPTIONS] = {
        OPTION(PLAN, 0, "plan", "FILE", TEXT, plan,
               "carry out the plan saved in FILE (- is standard input)"),
        OPTION(OUTPUT, 'o', "output", "FILE", TEXT, output,
               "write to FILE: the plan, or the report"),
        OPTION(NAME, 0, "name", "FARM", TEXT, name,
               "the farm's name, where no manifest says it"),
        OPTION(EXIT_CODE, 0, "exit-code", NULL, FLAG, exit_code,
               "exit with 2 if something would change or has drifted"),
        OPTION(FULL, 0, "full", NULL, FLAG, full,
               "look also where nothing has changed"),
        OPTION(KEEP, 0, "keep", "N", NUMBER, keep,
               "keep the newest N generations of each farm (10)"),
        OPTION(INTO, 0, "into", "DIR", TEXT, into,
               "where adopted files go; where Stow's links are"),
        OPTION(FORMAT, 0, "format", "dot|mermaid", TEXT, format,
               "for Graphviz, or for mermaid"),
        OPTION(NO_FOLLOW, 0, "no-follow", NULL, FLAG, no_follow,
               "a link in the last place is the answer"),
        OPTION(ALLOW_MISSING, 0, "allow-missing", NULL, FLAG, allow_missing,
               "the last component may be missing"),
        OPTION(IN_ROOT, 0, "in-root", "DIR", TEXT, in_root,
               "take DIR as the root: nothing leads out of it"),
        OPTION(BENEATH, 0, "beneath", "DIR", TEXT, beneath,
               "start at DIR, and fail when the path leads out"),
        OPTION(FLAVOUR, 0, "flavour", "posix|windows", TEXT, flavour,
               "whose rules to follow (windows needs --fixture)"),
        OPTION(FIXTURE, 0, "fixture", "FILE", TEXT, fixture,
               "follow the path in the tree that FILE describes"),
        OPTION(DRY_RUN, 'n', "dry-run", NULL, FLAG, dry_run,
               "show what would be done, write nothing"),
        OPTION(QUIET, 'q', "quiet", NULL, FLAG, quiet,
               "print only what went wrong"),
        OPTION(VERBOSE, 'v', "verbose", NULL, COUNT, verbose,
               "print also what stays as it is, and where from"),
        OPTION(JSON, 0, "json", NULL, FORM_JSON, form, "print JSON"),
        OPTION(PORCELAIN, 0, "porcelain", "v1", FORM_PORCELAIN, form,
               "print lines for scripts, in a form that stays"),
        OPTION(NUL, 'z', "null", NULL, FLAG, nul,
               "end these lines with NUL, paths as they are"),
        OPTION(COLOR, 0, "color", "auto|always|never", COLOR, color,
               "when to use colours"),
        OPTION(NO_PROGRESS, 0, "no-progress", NULL, FLAG, no_progress,
               "do not count along on the terminal"),
        OPTION(ROOT, 0, "root", "DIR", TEXT, root,
               "work on the system whose root directory is DIR"),
        OPTION(STATE_DIR, 0, "state-dir", "DIR", TEXT, state_dir,
               "where linkfarm remembers what it made"),
        OPTION(PROFILE, 0, "profile", "NAME", LIST, profiles,
               "switch on a profile of the manifest (repeatable)"),
        OPTION(VAR, 0, "var", "NAME=VALUE", VAR, vars,
               "set a variable of the manifest (repeatable)"),
        OPTION(LOCK_TIMEOUT, 0, "lock-timeout", "SECONDS", SECONDS,
               lock_timeout_ms, "how long to wait for another linkfarm (10)"),
        OPTION(NO_SANDBOX, 0, "no-sandbox", NULL, FLAG, no_sandbox,
               "do not give up the right to change other directories"),
        OPTION(THREADS, 0, "threads", "N", NUMBER, threads,
               "how many threads work at most (as many as processors, up to "
               "8)"),
        OPTION(HELP, 'h', "help", NULL, FLAG, help,
               "explain the command and its options"),
        OPTION(VERSION, 'V', "version", NULL, FLAG, version,
               "print the version"),
};
