/* SPDX-License-Identifier: MIT */
/*
 * import_settings.c - what dotbot's `link` says of an entry
 */
#include "cli/import_dotbot.h"

#include "base/util.h"

static bool take_switch(struct lf_dotbot_settings *settings, struct lf_str name,
                        const struct lf_yaml *value)
{
    const struct {
        const char *name;
        bool *is_on;
    } switches[] = {
            {"relative",       &settings->relative      },
            {"force",          &settings->force         },
            {"relink",         &settings->relink        },
            {"backup",         &settings->backup        },
            {"ignore-missing", &settings->ignore_missing},
            {"glob",           &settings->glob          },
    };
    for (size_t i = 0; i < LF_COUNT(switches); i++) {
        if (!lf_str_equal(name, lf_str(switches[i].name)))
            continue;
        *switches[i].is_on = lf_dotbot_true(value);
        return true;
    }
    return false;
}

/* `create` is what linkfarm does anyway; whether `canonicalize` makes another
 * text is seen at the link that stands. */
void lf_dotbot_take(const struct lf_yaml *map,
                    struct lf_dotbot_settings *settings)
{
    for (const struct lf_yaml *key = map->child; key; key = key->next->next) {
        const struct lf_yaml *value = key->next;
        struct lf_str name = key->text;
        bool is_set = lf_dotbot_true(value);
        if (take_switch(settings, name, value))
            continue;
        if (lf_str_equal(name, LF_STR("path")))
            settings->path = value;
        else if (lf_str_equal(name, LF_STR("if")))
            settings->condition = lf_dotbot_null(value) ? NULL : key;
        else if (lf_str_equal(name, LF_STR("type")))
            settings->type =
                    lf_str_equal(value->text, LF_STR("symlink")) ? NULL : key;
        else if (lf_str_equal(name, LF_STR("exclude")))
            settings->exclude = is_set ? key : NULL;
        else if (lf_str_equal(name, LF_STR("prefix")))
            settings->prefix = is_set ? key : NULL;
    }
}
