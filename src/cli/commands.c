/* SPDX-License-Identifier: MIT */
/*
 * commands.c - every command there is
 */
#include "cli/commands.h"

#include "base/nearest.h"
#include "base/util.h"

#include <limits.h>

#define BIT LF_OPT_BIT

/* The sets that `help` lists; options.c takes some more, everywhere. */
#define COMMON                                                                 \
    (BIT(LF_OPT_QUIET) | BIT(LF_OPT_COLOR) | BIT(LF_OPT_HELP) |                \
     BIT(LF_OPT_VERSION))
#define STATE                                                                  \
    (COMMON | BIT(LF_OPT_VERBOSE) | BIT(LF_OPT_JSON) | BIT(LF_OPT_ROOT) |      \
     BIT(LF_OPT_STATE_DIR))
#define FACTS (BIT(LF_OPT_PROFILE) | BIT(LF_OPT_VAR))
#define FARM (STATE | FACTS)
#define PLANS (FARM | BIT(LF_OPT_THREADS))
#define CHANGES                                                                \
    (STATE | BIT(LF_OPT_DRY_RUN) | BIT(LF_OPT_NO_PROGRESS) |                   \
     BIT(LF_OPT_LOCK_TIMEOUT) | BIT(LF_OPT_NO_SANDBOX) | BIT(LF_OPT_THREADS))
#define WRITES (CHANGES | FACTS)
#define PLAN_FORMS (BIT(LF_OPT_PORCELAIN) | BIT(LF_OPT_NUL))

static const struct lf_command commands[] = {
        {.name = "apply",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = WRITES | PLAN_FORMS | BIT(LF_OPT_PLAN) |
                    BIT(LF_OPT_EXIT_CODE) | BIT(LF_OPT_FULL),
         .run = lf_cmd_apply,
         .summary = "make the disk what the manifest says",
         .details = "Plans, proves the plan, and carries it out as one "
                    "transaction: either all of\n"
                    "it happens or nothing. A second apply of the same "
                    "manifest does nothing.\n"
                    "With --plan=FILE, carries out the plan that 'plan -o "
                    "FILE' saved, if it is\n"
                    "still what would be done.\n"                            },
        {.name = "plan",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = PLANS | PLAN_FORMS | BIT(LF_OPT_OUTPUT) |
                    BIT(LF_OPT_EXIT_CODE) | BIT(LF_OPT_FULL),
         .run = lf_cmd_plan,
         .summary = "show what apply would do, and write nothing",
         .details = "Signs:  + make            = right already     - remove\n"
                    "        ~ another text    > take the place    < put back "
                    "what stood there\n"
                    "        . left alone      ? no longer ours    ! in the "
                    "way: nothing is applied\n"                              },
        {.name = "status",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = PLANS | PLAN_FORMS | BIT(LF_OPT_NAME) |
                    BIT(LF_OPT_EXIT_CODE) | BIT(LF_OPT_FULL),
         .run = lf_cmd_status,
         .summary = "show what drifted, and what apply would do",
         .details = "Two columns before each path: how the disk differs from "
                    "what was applied\n"
                    "(D deleted, M modified, T something else stands there), "
                    "then what apply would\n"
                    "do (the signs of 'plan'). With --name, or without a "
                    "manifest, only the first.\n"                            },
        {.name = "check",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = (PLANS & ~BIT(LF_OPT_VERBOSE)) | PLAN_FORMS,
         .run = lf_cmd_check,
         .summary = "find what apply would refuse; for CI",
         .details = "Reads the manifest, says which conditions hold, looks at "
                    "sources and disk, proves\n"
                    "the plan, holds it to the manifest's policy, and exits "
                    "with 2 on findings.\n"
                    "Writes nothing.\n"                                      },
        {.name = "remove",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = WRITES | PLAN_FORMS | BIT(LF_OPT_NAME),
         .run = lf_cmd_remove,
         .summary = "take away all that the farm owns",
         .details = "Works from the ledger alone, so manifest and sources may "
                    "be gone (--name).\n"
                    "What had been moved aside is put back. What was changed "
                    "by hand stays.\n"                                       },
        {.name = "history",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = FARM | BIT(LF_OPT_NAME),
         .run = lf_cmd_history,
         .summary = "list the farm's generations",
         .details = "Each apply that changed something made one; * marks the "
                    "present one. With\n"
                    "-v, also every place that it changed.\n"                },
        {.name = "rollback",
         .operands = "[N] [MANIFEST]",
         .min = 0,
         .max = 2,
         .options = WRITES | PLAN_FORMS | BIT(LF_OPT_NAME),
         .run = lf_cmd_rollback,
         .summary = "bring generation N back, or the one before",
         .details = "Generation 0 is the state before the first apply. A "
                    "rollback makes a generation\n"
                    "of its own, so it can be rolled back too.\n"            },
        {.name = "recover",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = CHANGES,
         .run = lf_cmd_recover,
         .summary = "finish or undo an interrupted transaction",
         .details = "Every command that writes does this first by itself. With "
                    "-n only says whether\n"
                    "there is something to recover.\n"                       },
        {.name = "gc",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = CHANGES | BIT(LF_OPT_KEEP),
         .run = lf_cmd_gc,
         .summary = "drop old generations and what only they keep",
         .details =
                 "Files that were moved aside are kept for as long as a "
                 "generation that stays\n"
                 "may have to put them back; then they are removed for good. "
                 "With -n, shows\n"
                 "what would go.\n"                                          },
        {.name = "doctor",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = COMMON | BIT(LF_OPT_JSON) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR) | FACTS,
         .run = lf_cmd_doctor,
         .summary = "look at the machine, the state and the farms",
         .details = "Each line is ok, warn or FAIL, and says what to do. Exits "
                    "with 2 if one fails.\n"
                    "Writes nothing.\n"                                      },
        {.name = "adopt",
         .operands = "PATH...",
         .min = 1,
         .max = UINT_MAX,
         .options = CHANGES | PLAN_FORMS | BIT(LF_OPT_INTO),
         .run = lf_cmd_adopt,
         .summary = "move files to their sources' place, and link them",
         .details =
                 "Prints the entries for the manifest, which it never "
                 "rewrites. Until they are in\n"
                 "one, the links are of no farm. All of the files are adopted, "
                 "or none.\n"                                                },
        {.name = "resolve",
         .operands = "PATH",
         .min = 1,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_JSON) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_NO_FOLLOW) | BIT(LF_OPT_ALLOW_MISSING) |
                    BIT(LF_OPT_IN_ROOT) | BIT(LF_OPT_BENEATH) |
                    BIT(LF_OPT_FLAVOUR) | BIT(LF_OPT_FIXTURE),
         .run = lf_cmd_resolve,
         .summary = "follow a path, link by link, and say where it ends",
         .details = "Exits with 1 if the path leads nowhere.\n"              },
        {.name = "why",
         .operands = "PATH",
         .min = 1,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_JSON) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR) | FACTS,
         .run = lf_cmd_why,
         .summary = "say whose link this is, and where it leads",
         .details = "Names the farm, the manifest's line and the generation of "
                    "the path and of\n"
                    "every link on its way. Exits with 1 if no farm has a part "
                    "in it.\n"                                               },
        {.name = "list",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = STATE,
         .run = lf_cmd_list,
         .summary = "list the farms",
         .details = "With -v, also every link and directory that they own.\n"},
        {.name = "graph",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_FORMAT) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR) | FACTS | BIT(LF_OPT_THREADS),
         .run = lf_cmd_graph,
         .summary = "print the farm as a graph, for Graphviz or mermaid",
         .details = "linkfarm graph | dot -Tsvg > farm.svg\n"                },
        {.name = "report",
         .operands = "[MANIFEST]",
         .min = 0,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_OUTPUT) | BIT(LF_OPT_EXIT_CODE) |
                    BIT(LF_OPT_VERBOSE) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR) | FACTS | BIT(LF_OPT_THREADS),
         .run = lf_cmd_report,
         .summary = "write the plan as a page that needs no other file",
         .details = "For an artifact of CI: linkfarm report -o plan.html. With "
                    "-v, what stays as it\n"
                    "is is in it too. Exits as 'plan' does.\n"               },
        {.name = "unmanaged",
         .operands = "DIR",
         .min = 1,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_JSON) | PLAN_FORMS | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR),
         .run = lf_cmd_unmanaged,
         .summary = "list what in DIR no farm owns",
         .details = "A directory in which no farm owns anything is listed as a "
                    "whole. What was\n"
                    "changed by hand since it was applied counts as not "
                    "owned.\n"                                               },
        {.name = "import",
         .operands = "stow DIR...|dotbot FILE|links DIR",
         .words = "stow dotbot links",
         .min = 2,
         .max = UINT_MAX,
         .options = COMMON | BIT(LF_OPT_JSON) | BIT(LF_OPT_NAME) |
                    BIT(LF_OPT_INTO) | BIT(LF_OPT_ROOT) |
                    BIT(LF_OPT_STATE_DIR) | BIT(LF_OPT_THREADS),
         .run = lf_cmd_import,
         .summary = "write a manifest for what another tool made",
         .details =
                 "Prints the manifest, and plans it: exits with 0 only if it "
                 "says just what stands\n"
                 "there, else with 2, and says what differs. stow takes "
                 "packages, whose links are\n"
                 "looked for above the stow directory, or in --into. links "
                 "takes every link below\n"
                 "DIR that no farm owns. --name names the farm.\n"},
        {.name = "init",
         .operands = "[FILE]",
         .min = 0,
         .max = 1,
         .options = COMMON | BIT(LF_OPT_DRY_RUN) | BIT(LF_OPT_JSON),
         .run = lf_cmd_init,
         .summary = "write a starter manifest with comments",
         .details = "Writes ./linkfarm.yaml, or FILE; never overwrites. With "
                    "-n, or - as FILE, it\n"
                    "goes to standard output.\n"                 },
        {.name = "schema",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = COMMON,
         .run = lf_cmd_schema,
         .summary = "print the JSON Schema of a manifest, for editors",
         .details = "linkfarm.yaml(5) says how to tell an editor of it.\n"       },
        {.name = "completion",
         .operands = "bash|zsh|fish",
         .words = "bash zsh fish",
         .min = 1,
         .max = 1,
         .options = COMMON,
         .run = lf_cmd_completion,
         .summary = "print a completion script for the shell",
         .details = "bash:  linkfarm completion bash > \\\n"
                    "         "
                    "~/.local/share/bash-completion/completions/linkfarm\n"
                    "zsh:   linkfarm completion zsh > DIR/_linkfarm, with DIR "
                    "in $fpath\n"
                    "fish:  linkfarm completion fish > "
                    "~/.config/fish/completions/linkfarm.fish\n"},
        {.name = "help",
         .operands = "[COMMAND]",
         .min = 0,
         .max = 1,
         .options = COMMON,
         .run = lf_cmd_help,
         .summary = "explain the commands, or one of them",
         .details = ""                                                  },
        {.name = "version",
         .operands = "",
         .min = 0,
         .max = 0,
         .options = COMMON | BIT(LF_OPT_JSON),
         .run = lf_cmd_version,
         .summary = "print the version",
         .details = ""                                               },
};

const struct lf_command *lf_command_at(size_t index)
{
    return index < LF_COUNT(commands) ? &commands[index] : NULL;
}

const struct lf_command *lf_command_find(const char *name)
{
    for (size_t i = 0; i < LF_COUNT(commands); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

/* What people who come from elsewhere type. */
static const struct {
    const char *word, *name;
} synonyms[] = {
        {"install",   "apply"    },
        {"link",      "apply"    },
        {"stow",      "apply"    },
        {"sync",      "apply"    },
        {"diff",      "plan"     },
        {"dry-run",   "plan"     },
        {"uninstall", "remove"   },
        {"delete",    "remove"   },
        {"unlink",    "remove"   },
        {"unstow",    "remove"   },
        {"rm",        "remove"   },
        {"undo",      "rollback" },
        {"log",       "history"  },
        {"prune",     "gc"       },
        {"clean",     "gc"       },
        {"ls",        "list"     },
        {"readlink",  "resolve"  },
        {"realpath",  "resolve"  },
        {"validate",  "check"    },
        {"lint",      "check"    },
        {"restow",    "apply"    },
        {"st",        "status"   },
        {"fsck",      "doctor"   },
        {"untracked", "unmanaged"},
        {"verify",    "doctor"   },
};

static const char *next_name(const void *arg, size_t index)
{
    (void)arg;
    return index < LF_COUNT(commands) ? commands[index].name : NULL;
}

const char *lf_command_nearest(const char *word)
{
    for (size_t i = 0; i < LF_COUNT(synonyms); i++) {
        if (strcmp(synonyms[i].word, word) == 0)
            return synonyms[i].name;
    }
    return lf_nearest(lf_str(word), next_name, NULL);
}
