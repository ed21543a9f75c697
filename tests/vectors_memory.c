/* SPDX-License-Identifier: MIT */
/*
 * vectors_memory.c - POSIX cases in a described tree
 */
#include "resolve/fixture.h"
#include "tests/vectors.h"

static bool describe(const json_t *tree, struct lf_view *view,
                     struct lf_error *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(tree, i, entry)
    {
        struct lf_str fields[3];
        size_t n;
        if (!vector_fields(entry, fields, 3, &n)) {
            lf_error_set(err, LF_CODE_FIXTURE, 0, "unreadable entry");
            return false;
        }
        if (!lf_fixture_add(view, fields, n, err))
            return false;
    }
    return true;
}

enum verdict vector_run_memory(const json_t *vector, struct finding *ret)
{
    struct lf_error err;
    struct lf_view *view = NULL;
    bool passed = false;
    json_t *uid = json_object_get(json_object_get(vector, "opts"), "uid");
    if (lf_view_memory_new(&view, &err) &&
        describe(json_object_get(vector, "tree"), view, &err)) {
        lf_view_memory_user(view, (uint32_t)json_integer_value(uid));
        passed = vector_check_posix(vector, view, ret);
    } else {
        ret->got = json_string(err.message);
    }
    lf_view_free(view);
    return passed ? VERDICT_PASSED : VERDICT_FAILED;
}
