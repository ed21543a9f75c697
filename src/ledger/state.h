/* SPDX-License-Identifier: MIT */
/*
 * state.h - the state directory: lock, ledger file, generations
 *
 * Everything in it is ours alone: mode 0700, files 0600, never reached through
 * a symbolic link that someone else could have put there. A state directory
 * that is not ours, or that others may write, is refused.
 */
#ifndef LF_LEDGER_STATE_H
#define LF_LEDGER_STATE_H

#include "ledger/ledger.h"
#include "platform/fs.h"

#define LF_LEDGER_FILE "ledger"

struct lf_state {
    struct lf_fs *fs;   /* borrowed */
    struct lf_str path; /* absolute, as given; owned */
    /* where that is below the root directory; if it is not, that root itself:
     * tells roots apart where device numbers do not last. Owned */
    struct lf_str position;
    struct lf_str root; /* that root directory; empty for "/". Owned */
    int fd;             /* the directory; -1 when it does not exist */
    int lock_fd;        /* -1 when not locked */
    int64_t pid;        /* of the process that locked it */
    bool fresh;         /* holds no ledger yet, and its own name may not be
                            durable: the next write syncs the file system */
    /* asked while waiting for the lock, may be NULL: true gives up */
    bool (*cancelled)(void *arg);
    void *cancelled_arg;
    /* The ledger as it was read for its heads, so that it is read once. The file is
     * held open: no other one gets its inode. */
    struct {
        struct lf_str text; /* data NULL: there is none */
        int fd;
        uint64_t dev, ino;
    } kept;
};

/** Append where the node is kept, as this process finds it: a store that is not the
 *  state's is named as seen from inside of the root directory. */
void lf_state_add_displaced(const struct lf_state *state, struct lf_buf *buf,
                            const struct lf_displaced *displaced);

enum lf_state_mode {
    LF_STATE_READ,  /* takes no lock and creates nothing: may be missing */
    LF_STATE_WRITE, /* created, with its parents (0700), if missing */
};

/**
 * Open the state directory `path` (absolute; resolved in the process's terms
 * up to its parent, the directory itself never through a link). Parents that
 * exist are left as they are. `ret_state` is closed with lf_state_close().
 * Errors: LF_CODE_STATE_UNSAFE (not ours, writable by others, not a directory,
 * a symlink), LF_CODE_STATE_UNWRITABLE (full, read-only, no rights),
 * LF_CODE_STATE_UNREADABLE (of LF_STATE_READ).
 */
bool lf_state_open(struct lf_fs *fs, struct lf_str path,
                   enum lf_state_mode mode, struct lf_state *ret_state,
                   struct lf_error *err);
/**
 * The same for the state of a system whose root directory is `root` (absolute, else
 * LF_CODE_ROOT; a NULL view for none). If `path` is spelled as something below `root`,
 * it is resolved as it will be seen from inside, so that no link and no `..` of that
 * system leads out of it; parents that are missing get the mode 0755.
 */
bool lf_state_open_in(struct lf_fs *fs, struct lf_str root, struct lf_str path,
                      enum lf_state_mode mode, struct lf_state *ret_state,
                      struct lf_error *err);
/** Let a state that was opened with LF_STATE_READ, and that exists, be one that was
 *  opened with LF_STATE_WRITE. LF_CODE_STATE_UNREADABLE. */
bool lf_state_upgrade(struct lf_state *state, struct lf_error *err);

/**
 * Open, to look at, the nearest directory above a state directory that exists: what is
 * made there is on its file system. `root` as in lf_state_open_in(). A descriptor, or
 * a negative errno.
 */
int lf_state_nearest(const struct lf_state *state, struct lf_str root);

/**
 * Whether a state that was opened with LF_STATE_READ could be made, where it is
 * missing, and written, as far as that can be told without doing it. `root` as above.
 * LF_CODE_STATE_UNWRITABLE.
 */
bool lf_state_may_write(const struct lf_state *state, struct lf_str root,
                        struct lf_error *err);

/** Whether it is locked by this very process, not by one that this was forked from. */
bool lf_state_holds(const struct lf_state *state);

/** Close descriptors, and release the lock that it holds. A zeroed state is allowed. */
void lf_state_close(struct lf_state *state);

/**
 * Take the lock of a state opened with LF_STATE_WRITE; wait up to `timeout_ms`
 * for it (0: do not wait). LF_CODE_LOCKED names the holder's pid and command,
 * LF_CODE_CANCELLED says that `cancelled` did.
 * `command` is stored in the lock file for others to read. A holder that was
 * killed leaves no lock; the file itself stays, because another process may have
 * it open and wait. One that has a second name is replaced, not written to; one
 * of another user's is refused.
 */
bool lf_state_lock(struct lf_state *state, int64_t timeout_ms,
                   struct lf_str command, struct lf_error *err);

/**
 * Lock the directory or file `fd` as well, waiting up to `timeout_ms` unless
 * `cancelled` gives up. 0, -EWOULDBLOCK when the time is over, -ECANCELED, or
 * another negative errno.
 */
int lf_state_wait(const struct lf_state *state, int fd, int64_t timeout_ms);

/** What -ECANCELED means: LF_CODE_CANCELLED. Returns false. */
bool lf_state_stopped(struct lf_error *err);

/** The ledger that stands, sealed; an empty one if there is none yet. What
 *  lf_state_load_heads() has kept of it ends here. */
bool lf_state_load(struct lf_state *state, struct lf_ledger **ret_ledger,
                   struct lf_error *err);

/** The same without records; see lf_ledger_decode_heads(). What was read is kept. */
bool lf_state_load_heads(struct lf_state *state, struct lf_ledger **ret_ledger,
                         struct lf_error *err);

/** Let go of what was kept. */
void lf_state_drop_kept(struct lf_state *state);

/**
 * Keep the ledger file that stands as generation `generation` of farm `name`:
 * farms/<name>/<generation>, a hard link, or a copy where the file system has
 * none. The ledger that stands is the truth: a kept one of that number which
 * is another file is replaced. The entry is made, not synced: the caller's next
 * sync covers it.
 */
bool lf_state_keep(struct lf_state *state, struct lf_str name,
                   uint64_t generation, struct lf_error *err);

/**
 * Write `text` as the file `name` in the state directory: temporary name,
 * fsync, rename over, fsync of the directory; three changes and two syncs. A
 * temporary file that a crash left is replaced. `*ret_renamed` (may be NULL) says
 * whether the rename had happened when an error is returned: then the new text
 * stands, and only its durability is unknown (LF_CODE_SYNC).
 */
bool lf_state_write(struct lf_state *state, const char *name,
                    struct lf_str text, bool *ret_renamed,
                    struct lf_error *err);

/**
 * lf_state_write() in parts: an empty temporary file, to which text is added, so
 * that a full disk shows itself before anything is synced or renamed. `*ret_file`,
 * -1 after a failure, goes to lf_state_publish() or lf_state_discard(), which end
 * it; a text that could not be added leaves it for the latter.
 */
bool lf_state_stage(struct lf_state *state, const char *name, int *ret_file,
                    struct lf_error *err);
bool lf_state_stage_more(struct lf_state *state, const char *name, int file,
                         struct lf_str text, struct lf_error *err);

/** The last part. `*ret_renamed` as there. */
bool lf_state_publish(struct lf_state *state, const char *name, int file,
                      bool *ret_renamed, struct lf_error *err);

/** Take a staged text back, as far as that can be done. */
void lf_state_discard(struct lf_state *state, const char *name, int file);

/** The same for one that a killed run left. */
void lf_state_drop_staged(struct lf_state *state, const char *name);

/**
 * Begin to write the file `name`, by a rename, but without a sync: for what may be
 * lost. The descriptor goes to lf_state_put_end() or lf_state_discard(); or a
 * negative errno. Between the two this process may lose the right to open files.
 */
int lf_state_put_begin(struct lf_state *state, const char *name);

/** Write and rename it. Returns 0 or a negative errno; `file` is closed. */
int lf_state_put_end(struct lf_state *state, const char *name, int file,
                     struct lf_str text);

/**
 * Read the whole file `name`. A missing one gives an empty text and
 * `*ret_exists` false. The caller frees `ret_text->data` with free(3).
 */
bool lf_state_read(struct lf_state *state, const char *name,
                   struct lf_str *ret_text, bool *ret_exists,
                   struct lf_error *err);

/**
 * Numbers of the kept generations of `name`, ascending; the caller frees. A
 * farm that left the ledger has them still. None of a name that no farm can
 * have.
 */
bool lf_state_generations(struct lf_state *state, struct lf_str name,
                          uint64_t **ret_numbers, size_t *ret_count,
                          struct lf_error *err);

/** The highest number of those, and of the ones that are being dropped; 0 for none. */
bool lf_state_last_generation(struct lf_state *state, struct lf_str name,
                              uint64_t *ret, struct lf_error *err);

/**
 * The ledger as it was at that generation: the one that was kept, or the one
 * that stands if the farm is at that generation now. It holds the farm.
 * LF_CODE_NO_GENERATION if missing.
 */
bool lf_state_generation(struct lf_state *state, struct lf_str name,
                         uint64_t generation, struct lf_ledger **ret_ledger,
                         struct lf_error *err);

/* ---- dropping generations ---- */

/*
 * A generation that is dropped is first retired, by one rename: it is no part
 * of the history any more, but still says which displaced nodes it kept, until
 * these have gone and it is forgotten. So a crash between leaves nothing that
 * the next one does not find.
 */

/** Whether `ledger`, which was loaded from there, is that of a state that has none any
 *  more, though generations or displaced nodes are kept. What an interrupted first
 *  transaction keeps is not counted, and neither is what cannot be listed. */
bool lf_state_lost_ledger(const struct lf_state *state,
                          const struct lf_ledger *ledger);

/** Refuse, with LF_CODE_LEDGER_CORRUPT, what cannot be known without the one that is
 *  lost so. */
bool lf_state_needs_ledger(const struct lf_state *state,
                           const struct lf_ledger *ledger,
                           struct lf_error *err);

/** Each farm that has a folder below farms/, in no order. `fn` as for
 *  lf_fs.list. */
bool lf_state_folders(struct lf_state *state, lf_list_fn *fn, void *arg,
                      struct lf_error *err);

/** Retire a kept generation. Not synced. */
bool lf_state_retire(struct lf_state *state, struct lf_str name,
                     uint64_t generation, struct lf_error *err);

/** Numbers of the retired generations of `name`; as lf_state_generations(). */
bool lf_state_retired(struct lf_state *state, struct lf_str name,
                      uint64_t **ret_numbers, size_t *ret_count,
                      struct lf_error *err);

/** The ledger of a retired generation. It holds the farm. */
bool lf_state_retired_ledger(struct lf_state *state, struct lf_str name,
                             uint64_t generation, struct lf_ledger **ret_ledger,
                             struct lf_error *err);

/** Append which file that is, as a path in the state directory. */
void lf_state_add_retired(struct lf_buf *ret, struct lf_str name,
                          uint64_t generation);

/** Remove a retired generation. */
bool lf_state_forget(struct lf_state *state, struct lf_str name,
                     uint64_t generation, struct lf_error *err);

/** Remove the farm's folder, if nothing is left in it. */
bool lf_state_tidy(struct lf_state *state, struct lf_str name,
                   struct lf_error *err);

/**
 * Whether an unfinished journal stands, for readers, which say so; also true
 * when that cannot be told.
 */
bool lf_state_interrupted(const struct lf_state *state);

#endif
