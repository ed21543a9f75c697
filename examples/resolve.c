/* SPDX-License-Identifier: MIT */
/*
 * resolve.c - where does a path lead, and what would it be after a change?
 *
 *     resolve PATH [LINK TEXT]
 *
 * Prints each link on the way and where it ends. With LINK and TEXT it asks the
 * same as if a link LINK with that text stood already; nothing is written.
 * Uses the public header of the resolver alone:
 *
 *     cc resolve.c $(pkg-config --cflags --libs linkfarm)
 */
#include <linkfarm/resolve.h>
#include <stdio.h>

static int show(struct lf_view *view, const char *path, struct lf_error *err)
{
    struct lf_resolver *resolver;
    struct lf_resolution *found;
    struct lf_resolve_request request = {.path = lf_str(path),
                                         .flags = LF_RESOLVE_TRACE};
    if (!lf_resolver_new(view, &resolver, err))
        return -1;
    bool done = lf_resolve(resolver, &request, &found, err);
    lf_resolver_free(resolver);
    if (!done)
        return -1;
    for (size_t i = 0; i < found->n_steps; i++)
        printf("%s -> %s\n", found->steps[i].at.data,
               found->steps[i].text.data);
    printf("%s: %s\n", found->path.data,
           found->error ? lf_errno_name(found->error)
                        : lf_node_kind_name(found->node.kind));
    int status = found->error != 0;
    lf_resolution_free(found);
    return status;
}

int main(int argc, char **argv)
{
    struct lf_view *disk = NULL, *planned = NULL;
    struct lf_error err;
    int status = -1;
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: %s PATH [LINK TEXT]\n", argv[0]);
        return 64;
    }
    if (lf_view_open("/", &disk, &err) &&
        lf_view_overlay_new(disk, &planned, &err) &&
        (argc == 2 ||
         lf_view_put_link(planned, lf_str(argv[2]), lf_str(argv[3]), &err)))
        status = show(planned, argv[1], &err);
    if (status < 0)
        fprintf(stderr, "%s\n", err.message);
    lf_view_free(planned);
    lf_view_free(disk);
    return status < 0 ? 2 : status;
}
