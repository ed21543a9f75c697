/* SPDX-License-Identifier: MIT */
/*
 * remembered.c - what an earlier apply tells of a manifest that is not read
 */
#include "apply/stamps.h"

#include "base/path.h"
#include "base/util.h"
#include "manifest/inputs.h"

/* The stamps of a manifest, which the caller frees; none where there are none, or
 * where they do not count now. What cannot be read is as good as missing. `path` has
 * LF_PATH_LIMIT + 1 bytes, for the manifest's. */
static bool read_stamps(struct lf_transaction *t, const char *file, char *path,
                        struct lf_str *ret_manifest, struct lf_str *ret_text,
                        struct lf_error *err)
{
    bool exists = false;
    *ret_text = lf_str(NULL);
    if (!lf_manifest_path(file, path, ret_manifest) || t->state.fd < 0 ||
        lf_transaction_interrupted(t))
        return true;
    if (!lf_state_read(&t->state, lf_stamps_name(*ret_manifest).text, ret_text,
                       &exists, err))
        return err->code != LF_CODE_NO_MEMORY;
    if (!exists) {
        lf_free_const(ret_text->data);
        *ret_text = lf_str(NULL);
    }
    return true;
}

/* Who may carry it out counts transactions from the ledger. */
static bool number_plan(struct lf_transaction *t, struct lf_plan **plan,
                        struct lf_error *err)
{
    if (!*plan || !t->options.write)
        return true;
    if (lf_transaction_ledger(t, err)) {
        (*plan)->base = t->ledger->transaction;
        return true;
    }
    lf_plan_free(*plan);
    *plan = NULL;
    t->stamped = NULL;
    return err->code != LF_CODE_NO_MEMORY;
}

bool lf_transaction_plan_unchanged(struct lf_transaction *t,
                                   const struct lf_manifest_request *request,
                                   struct lf_plan **ret_plan,
                                   struct lf_error *err)
{
    char path[LF_PATH_LIMIT + 1];
    struct lf_str manifest, text;
    *ret_plan = NULL;
    if (!read_stamps(t, request->file, path, &manifest, &text, err))
        return false;
    if (text.data)
        lf_stamps_hold(t, request, manifest, text, ret_plan);
    lf_free_const(text.data);
    return number_plan(t, ret_plan, err);
}

bool lf_transaction_farm_of(struct lf_transaction *t,
                            const struct lf_manifest_request *request,
                            char **ret_farm, struct lf_error *err)
{
    char path[LF_PATH_LIMIT + 1];
    struct lf_str manifest, text;
    *ret_farm = NULL;
    if (!read_stamps(t, request->file, path, &manifest, &text, err))
        return false;
    if (text.data)
        *ret_farm = lf_stamps_farm(t, request, manifest, text);
    lf_free_const(text.data);
    return true;
}
