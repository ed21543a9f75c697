/* SPDX-License-Identifier: MIT */
/*
 * dump_tables.c - the parser's tables of keys, as JSON
 *
 * For check_schema.py, which holds them against the schema and the manual. A
 * type may hold itself (`not` of a condition), so types are numbered, and name
 * each other by number.
 */
#include "manifest/schema.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { TYPES_LIMIT = 100 };

struct types {
    const struct lf_type *list[TYPES_LIMIT];
    size_t count;
};

static const struct {
    lf_text_check *check;
    const char *name;
} checks[] = {
        {lf_check_version,   "version"  },
        {lf_check_farm_name, "farm_name"},
        {lf_check_mode,      "mode"     },
        {lf_check_var_name,  "var_name" },
        {lf_check_not_empty, "not_empty"},
        {lf_check_profile,   "profile"  },
        {lf_check_path_form, "path_form"},
        {lf_check_link_path, "path_form"},
        {lf_check_dir_path,  "path_form"},
        {lf_check_link_text, "path_form"},
        {lf_check_included,  "included" },
        {lf_check_value,     "value"    },
        {lf_check_pattern,   "pattern"  },
        {lf_check_glob,      "glob"     },
        {lf_check_rule,      "rule"     },
};

/* The number of a type, which is put on the list if it is new. */
static json_t *number_of(struct types *types, const struct lf_type *type)
{
    size_t i = 0;
    if (!type)
        return json_null();
    while (i < types->count && types->list[i] != type)
        i++;
    if (i == TYPES_LIMIT) {
        fputs("dump_tables: more types than it has room for\n", stderr);
        exit(1);
    }
    if (i == types->count)
        types->list[types->count++] = type;
    return json_integer((json_int_t)i);
}

static json_t *name_of(lf_text_check *check)
{
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].check == check)
            return json_string(checks[i].name);
    }
    return check ? json_string("unknown") : json_null();
}

static json_t *keys_of(struct types *types, const struct lf_key *keys)
{
    json_t *list = json_array();
    for (; keys && keys->name; keys++)
        json_array_append_new(
                list, json_pack("{s:s,s:o,s:b,s:b}", "name", keys->name, "type",
                                number_of(types, keys->type), "required",
                                (keys->flags & LF_KEY_REQUIRED) != 0, "main",
                                (keys->flags & LF_KEY_MAIN) != 0));
    return list;
}

static json_t *words_of(const char *const *words)
{
    json_t *list = json_array();
    for (; words && *words; words++)
        json_array_append_new(list, json_string(*words));
    return list;
}

static json_t *type_of(struct types *types, const struct lf_type *type)
{
    return json_pack("{s:b,s:b,s:b,s:b,s:b,s:b,s:o,s:o,s:o,s:o,s:o,s:o}",
                     "text", (type->flags & LF_TYPE_TEXT) != 0, "list",
                     (type->flags & LF_TYPE_LIST) != 0, "map",
                     (type->flags & LF_TYPE_MAP) != 0, "anything",
                     (type->flags & LF_TYPE_ANYTHING) != 0, "some",
                     (type->flags & LF_TYPE_SOME) != 0, "x_keys",
                     (type->flags & LF_TYPE_X_KEYS) != 0, "keys",
                     keys_of(types, type->keys), "check_key",
                     name_of(type->check_key), "value",
                     number_of(types, type->value), "item",
                     number_of(types, type->item), "words",
                     words_of(type->words), "check", name_of(type->check));
}

int main(void)
{
    struct types types = {0};
    json_t *list = json_array();
    json_decref(number_of(&types, &lf_type_manifest));
    for (size_t i = 0; i < types.count; i++)
        json_array_append_new(list, type_of(&types, types.list[i]));
    int status = json_dumpf(list, stdout, JSON_INDENT(1));
    json_decref(list);
    return status == 0 && putchar('\n') != EOF ? 0 : 1;
}
