/* SPDX-License-Identifier: MIT */
/*
 * foreign.c - keys that other tools have, and what they are called here
 *
 * These are the words of GNU Stow, dotbot, dotter, home-manager and chezmoi,
 * which is why some of them are words that linkfarm itself does not use.
 */
#include "manifest/schema.h"

#include "base/util.h"

static const char into[] = "the directory below which link paths are taken is "
                           "called into";
static const char from[] = "where sources start is called from";
static const char source[] = "the source of a link is called from";
static const char conflict[] = "what happens when something is in the way is "
                               "said by conflict: fail, skip, backup or adopt";
static const char fold[] = "say fold: auto or fold: never";
static const char style[] = "say style: relative or style: absolute";
static const char links[] = "links are listed under links, as link path: "
                            "source";
static const char trees[] = "a package is an item of trees: - from: NAME";
static const char dot[] = "say dot: marked, and dot-x becomes .x";
static const char command[] = "this is said on the command line, not in a "
                              "manifest; see linkfarm help";
static const char nothing[] = "a manifest is data: it runs nothing, copies "
                              "nothing and fills in no templates";
static const char ignore[] = "patterns to leave out are listed under ignore";
static const char only[] = "patterns to take are listed under only";
static const char when[] = "a condition is said by when, as when: {os: linux}";
static const char dirs[] = "directories to create are listed under dirs";
static const char prune[] = "links that leave the manifest are removed by the "
                            "next apply; there is nothing to say";

static const struct {
    const char *key, *help;
} words[] = {
        {"target",       into                                                    },
        {"dest",         into                                                    },
        {"destination",  into                                                    },
        {"dst",          into                                                    },
        {"source",       from                                                    },
        {"src",          from                                                    },
        {"dir",          from                                                    },
        {"directory",    from                                                    },
        {"path",         from                                                    },
        {"root",         from                                                    },
        {"stow",         trees                                                   },
        {"package",      trees                                                   },
        {"packages",     trees                                                   },
        {"restow",       command                                                 },
        {"delete",       command                                                 },
        {"simulate",     command                                                 },
        {"dry-run",      command                                                 },
        {"verbose",      command                                                 },
        {"dotfiles",     dot                                                     },
        {"no-folding",   fold                                                    },
        {"no_folding",   fold                                                    },
        {"folding",      fold                                                    },
        {"tree-folding", fold                                                    },
        {"adopt",        conflict                                                },
        {"force",        conflict                                                },
        {"backup",       conflict                                                },
        {"overwrite",    conflict                                                },
        {"relink",       conflict                                                },
        {"override",     "a tree that may win over another names it in overrides"},
        {"defer",        "a tree that may win over another names it in overrides"},
        {"link",         links                                                   },
        {"symlink",      links                                                   },
        {"symlinks",     links                                                   },
        {"files",        links                                                   },
        {"create",       dirs                                                    },
        {"mkdir",        dirs                                                    },
        {"directories",  dirs                                                    },
        {"clean",        prune                                                   },
        {"prune",        prune                                                   },
        {"shell",        nothing                                                 },
        {"run",          nothing                                                 },
        {"hooks",        nothing                                                 },
        {"script",       nothing                                                 },
        {"copy",         nothing                                                 },
        {"template",     nothing                                                 },
        {"templates",    nothing                                                 },
        {"exclude",      ignore                                                  },
        {"excludes",     ignore                                                  },
        {"glob",         only                                                    },
        {"include",      only                                                    },
        {"includes",     only                                                    },
        {"if",           when                                                    },
        {"condition",    when                                                    },
        {"relative",     style                                                   },
        {"absolute",     style                                                   },
        {"profiles",     when                                                    },
        {"type",         "a link is a link; directories go under dirs"           },
        {"recurse",      trees                                                   },
        {"recursive",    trees                                                   },
        {"variables",    "variables are defined under vars"                      },
        {"environment",  "the environment is asked by env, as in when: {env: "
                        "{NAME: value}}"                  },
        {"hostname",     "the name of the machine is called host"                },
        {"platform",     "the system is called os"                               },
};

const char *lf_foreign_key_help(struct lf_str key, bool of_link)
{
    while (lf_str_starts(key, LF_STR("-")))
        key = lf_str_of(key.data + 1, key.len - 1);
    for (size_t i = 0; i < LF_COUNT(words); i++) {
        if (!lf_str_equal(key, lf_str(words[i].key)))
            continue;
        /* what others call a target is the source for some of them */
        return of_link && (words[i].help == into || words[i].help == from)
                       ? source
                       : words[i].help;
    }
    return NULL;
}

bool lf_foreign_key_means(struct lf_str key, bool of_link, const char *name)
{
    const char *help = lf_foreign_key_help(key, of_link);
    if (help == into)
        return strcmp(name, "into") == 0;
    return (help == from || help == source) && strcmp(name, "from") == 0;
}
