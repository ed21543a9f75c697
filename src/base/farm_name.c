/* SPDX-License-Identifier: MIT */
/*
 * farm_name.c - what a farm may be called
 */
#include "base/farm_name.h"

/* By hand, because isalnum(3) depends on the locale. */
static bool allowed(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

const char lf_farm_name_cure[] =
        "use 1 to 64 of the characters A-Z a-z 0-9 . _ -, but neither . nor ..";

bool lf_farm_name_valid(struct lf_str name)
{
    if (name.len == 0 || name.len > LF_FARM_NAME_LIMIT)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (!allowed(name.data[i]))
            return false;
    }
    return !lf_str_equal(name, LF_STR(".")) &&
           !lf_str_equal(name, LF_STR(".."));
}
