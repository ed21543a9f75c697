/* SPDX-License-Identifier: MIT */
/*
 * test_resolve_cost.c - how often a resolver looks at its view
 *
 * N links in D directories may cost a look for each component of each directory,
 * and then one for each link and one for each source, however often they are
 * asked about, and also when what directories' spellings led to was forgotten.
 */
#include "resolve/tell.h"
#include "support/check.h"

#include <linkfarm/resolve.h>

struct shape {
    const char *title;
    unsigned dirs, depth, links; /* links in each directory */
};

static const struct shape shapes[] = {
        {"one directory",              1,   3,  1000},
        {"many directories",           200, 4,  5   },
        {"deep directories",           20,  50, 10  },
        {"one link in each directory", 500, 3,  1   },
};

static struct lf_view *make_view(const struct shape *shape)
{
    struct lf_view *view;
    struct lf_error err;
    char path[1024], text[1024];
    assert_done(lf_view_memory_new(&view, &err), &err);
    for (unsigned d = 0; d < shape->dirs; d++) {
        int len = snprintf(path, sizeof(path), "/home/d%u", d);
        for (unsigned i = 2; i < shape->depth; i++)
            len += snprintf(path + len, sizeof(path) - (size_t)len, "/s%u", i);
        for (unsigned l = 0; l < shape->links; l++) {
            snprintf(path + len, sizeof(path) - (size_t)len, "/l%u", l);
            snprintf(text, sizeof(text), "/src/d%u/f%u", d, l);
            assert_done(lf_view_memory_add(view, LF_NODE_FILE, lf_str(text),
                                           lf_str(""), &err),
                        &err);
            assert_done(lf_view_memory_add(view, LF_NODE_LINK, lf_str(path),
                                           lf_str(text), &err),
                        &err);
        }
    }
    return view;
}

static void ask_all(struct lf_resolver *resolver, const struct shape *shape)
{
    struct lf_error err;
    char path[1024];
    for (unsigned d = 0; d < shape->dirs; d++) {
        int len = snprintf(path, sizeof(path), "/home/d%u", d);
        for (unsigned i = 2; i < shape->depth; i++)
            len += snprintf(path + len, sizeof(path) - (size_t)len, "/s%u", i);
        for (unsigned l = 0; l < shape->links; l++) {
            struct lf_resolution *found;
            snprintf(path + len, sizeof(path) - (size_t)len, "/l%u", l);
            struct lf_resolve_request request = {.path = lf_str(path)};
            assert_done(lf_resolve(resolver, &request, &found, &err), &err);
            assert_int_equal(found->outcome, LF_OUTCOME_OK);
            assert_int_equal(found->links, 1);
            lf_resolution_free(found);
        }
    }
}

static void test_looks(void **state)
{
    const struct shape *shape = *state;
    struct lf_resolver *resolver;
    struct lf_error err;
    struct lf_view *view = make_view(shape);
    uint64_t links = (uint64_t)shape->dirs * shape->links;
    uint64_t most = (uint64_t)shape->dirs * (shape->depth + 2) + 2 * links + 8;
    assert_done(lf_resolver_new(view, &resolver, &err), &err);
    uint64_t begin = lf_view_lookups(view);
    ask_all(resolver, shape);
    uint64_t first = lf_view_lookups(view) - begin;
    assert_in_range(first, links, most);
    ask_all(resolver, shape);
    uint64_t second = lf_view_lookups(view) - begin - first;
    assert_in_range(second, 0, 2 * links);
    lf_resolver_forget(resolver);
    ask_all(resolver, shape);
    uint64_t third = lf_view_lookups(view) - begin - first - second;
    assert_int_equal(third, second);
    print_message("# %s: %llu links, %llu looks, then %llu\n", shape->title,
                  (unsigned long long)links, (unsigned long long)first,
                  (unsigned long long)second);
    lf_resolver_free(resolver);
    lf_view_free(view);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(shapes)];
    for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
        tests[i] = (struct CMUnitTest){shapes[i].title, test_looks, NULL, NULL,
                                       (void *)(uintptr_t)&shapes[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
