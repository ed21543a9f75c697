/* SPDX-License-Identifier: MIT */
/*
 * step.h - the operations that a transaction is made of
 *
 * A plan compiles to steps, the journal holds them, and the same list is run
 * forward, undone in reverse, or cleaned up after. A step knows its place, the
 * node that must stand there before, and the one that stands there after, so
 * that whether it has happened can be told from the file system alone.
 */
#ifndef LF_APPLY_STEP_H
#define LF_APPLY_STEP_H

#include "observe/owners.h"
#include "platform/fs.h"
#include "platform/watch.h"
#include <linkfarm/error.h>

enum lf_op {
    LF_OP_LINK,     /* make a link at the place */
    LF_OP_MKDIR,    /* make a directory at the place */
    LF_OP_EXCHANGE, /* exchange the place with the spare name */
    LF_OP_COUNT,    /* the directory at the place must hold `count` names */
    LF_OP_TAKE,     /* rename the place to the spare name */
    LF_OP_MOVE,     /* rename the place to the other place */
    LF_OP_CHMOD,    /* change the mode of the directory at the place */
    LF_OP_DROP,     /* unlink what was taken out */
    LF_OP_RMDIR,    /* remove the directory at the place, if it is empty */
    LF_OPS
};

enum lf_phase {
    LF_PHASE_PREPARE, /* invisible, or undone without a trace */
    LF_PHASE_ACT,     /* what a user sees change */
    LF_PHASE_CLEAN,   /* after the commit; never undone, may be repeated */
};

enum lf_step_mark {
    LF_MARK_EXACT_MODE = 1 << 0, /* MKDIR: `mode` whatever the umask */
    LF_MARK_MAY_STAY = 1 << 1,   /* RMDIR: one that is not empty is no news */
    LF_MARK_UNSEEN = 1 << 2,     /* DROP: it was taken out with its directory,
                                    and not looked at; not in the journal */
    LF_MARK_NOT_RUN = 1 << 3,    /* others behind it were run, this one was not:
                                    nothing to undo; not in the journal */
    LF_MARK_LATE_MODE = 1 << 5,  /* MKDIR: another step sets the mode that the
                                    directory is to have, by `runner->made` */
    LF_MARK_AGAIN = 1 << 4,      /* it had something to say, and is to be run
                                    once more to say it; not in the journal */
};

/** What is known of a node, enough to know it again. */
struct lf_image {
    enum lf_node_kind kind;
    struct lf_pair text; /* of a link */
    uint64_t dev, ino;   /* 0: not known, the rest decides */
};

/** What a directory is known by that stood there when the journal was written. */
struct lf_dir_id {
    uint64_t dev, ino; /* 0: it was not there, or is the state's */
};

/**
 * Directories that begin with a slash are physical, below the root descriptor;
 * others are relative to the state directory.
 */
struct lf_step {
    enum lf_op op;
    enum lf_phase phase;
    unsigned flags; /* enum lf_step_mark */
    struct lf_str dir, name;
    struct lf_str dir2;       /* MOVE: the other place; else empty */
    struct lf_dir_id id, id2; /* of the two directories */
    struct lf_str name2;      /* the spare name (in `dir`), or the other's name;
                              LINK: where undo takes the link out to, empty
                              where the place itself is of our making; RMDIR:
                              where one goes that is not empty, or empty */
    struct lf_image before; /* must stand at the place; NOTHING for new ones */
    struct lf_image after;  /* stands there when the step has happened */
    uint32_t mode, old_mode;
    uint32_t count;
    /* COUNT: the place as it was before anything in it was looked at; if it is the
     * same now, it still holds what was seen there. DROP: its directory, which a
     * COUNT has such a look at. NULL: that would not tell. Not in the journal */
    const struct lf_node *seen;
    /* the action that it is of, whose name and text it has; NULL: none is known.
     * Not in the journal */
    const struct lf_planned *row;
};

/* ---- running ---- */

enum {
    LF_MOUNTS_MOST = 32,
    LF_PATIENCE = 200, /* waits, of a millisecond, in one run */
};

/** Where steps are run: descriptors held, and what was touched. */
struct lf_runner {
    struct lf_fs *fs;
    int root_fd;
    int state_fd;
    struct lf_opened {
        struct lf_str path;
        int fd;
        struct lf_dir_id id;
    } open[2]; /* the directories used last */
    unsigned turn;
    struct {
        uint64_t dev;
        int fd; /* a descriptor of it to sync */
    } touched[LF_MOUNTS_MOST];
    unsigned n_touched;
    /* called with a place and a sentence when something is left as it is */
    void (*note)(void *arg, struct lf_str dir, struct lf_str name,
                 const char *message);
    void *note_arg;
    struct lf_str state_path; /* for messages */
    /* of the root directory: when the journal was written, and now */
    uint64_t root_was, root_dev;
    struct lf_str away; /* directory of the last step that was LF_STEP_AWAY, */
    struct lf_dir_id made; /* the directory of the last MKDIR with a mode */
    bool replaced;         /* and whether another one stands there */
    bool began;            /* the directory of the last step was reached */
    unsigned patience;     /* waits left for directories that are away */
    /* look whom the directories on the way belong to; see owners.h */
    bool guarded;
    struct lf_held_way way;
    struct lf_kept_clock clock;
    /* a COUNT found that a directory is not as it was seen: so no DROP relies on
     * what was seen of its own */
    bool changed;
};

void lf_runner_init(struct lf_runner *runner, struct lf_fs *fs, int root_fd,
                    int state_fd);
void lf_runner_finish(struct lf_runner *runner);

/** A descriptor of `dir`, held until others are asked for; or -errno: -ESTALE if
 *  it is not the one that is known as `id`. */
int lf_runner_dir(struct lf_runner *runner, struct lf_str dir,
                  const struct lf_dir_id *id);

/** The device of the root directory, now and in the journal, by which one of
 *  another file system is known where devices have other numbers. */
void lf_runner_set_root(struct lf_runner *runner, uint64_t was, uint64_t now);

/** A directory of a step as a person finds it: one of the state's by its whole path,
 *  which is made in `room`, or as it is without memory. */
struct lf_str lf_runner_shown(const struct lf_runner *runner, struct lf_str dir,
                              struct lf_buf *room);

/** Close them. */
void lf_runner_forget(struct lf_runner *runner);

/** Close those that a step on a directory may have moved: of its places, and
 *  below them. */
void lf_runner_forget_moved(struct lf_runner *runner,
                            const struct lf_step *step);

/** Remember that the file system of `dir`, opened last, was changed. -errno. */
int lf_runner_touch(struct lf_runner *runner, struct lf_str dir);

/** Take over what `other` touched, which forgets all that it holds. -errno. */
int lf_runner_join(struct lf_runner *runner, struct lf_runner *other);

/** syncfs(2) of every file system touched. -errno of the first that fails. */
int lf_runner_sync(struct lf_runner *runner);

/**
 * Whether the directory `name` in `dir`, which was opened last, is as it was `seen`
 * (see struct lf_step). That the look fails counts as no.
 */
bool lf_runner_unchanged(struct lf_runner *runner, struct lf_str dir,
                         const char *name, const struct lf_node *seen);

/** Make the link of an image, with its text, at a name. -errno. */
int lf_runner_symlink(struct lf_runner *runner, const struct lf_image *image,
                      int fd, const char *name);

/** Look at a name: kind, dev, ino, and a link's text into `text` (of
 *  LF_PATH_LIMIT + 1 bytes). A missing one is NOTHING, not an error. */
int lf_runner_look(struct lf_runner *runner, int fd, const char *name,
                   struct lf_image *ret, char *text);

/**
 * A descriptor of the directory `name` in `fd`, which the caller closes, and
 * the node that it is: so that what is changed is what was looked at, whatever
 * another process puts at the name meanwhile. -ESTALE if no directory is there.
 */
int lf_runner_hold(struct lf_runner *runner, int fd, const char *name,
                   struct lf_node *ret);

/**
 * Give the directory `name` in `fd` another mode, if it is the node of `image`
 * and has mode `from`; it is held meanwhile. -ESTALE if it is another node or
 * has another mode. Of one of our making that no inode is known of, the owner is
 * asked for. With `exactly` as lf_runner_set_mode(), and then it keeps `from`.
 */
int lf_runner_chmod(struct lf_runner *runner, int fd, const char *name,
                    const struct lf_image *image, uint32_t from, uint32_t to,
                    bool exactly);

/** Give the directory `fd` a mode. -EPERM if bits are left out of it, as can be without a
 *  word: setgid, for a group that one is not in (chmod(2)), or all that a file system has
 *  no modes for. */
int lf_runner_set_mode(struct lf_runner *runner, int fd, uint32_t mode);

/** Whether an error of opening a directory says that none is there (any more):
 *  -ENOENT, -ENOTDIR, or for a symlink in its place -ELOOP. */
bool lf_dir_gone(int error);

/**
 * Look whether the node that an image describes stands at a name: 0, -ENOENT
 * where nothing does, -ESTALE where another one does. A link that no inode is
 * known of takes a single call.
 */
int lf_runner_expect(struct lf_runner *runner, int fd, const char *name,
                     const struct lf_image *image);

/** Whether a look shows the node that an image describes. */
bool lf_image_match(const struct lf_image *image, const struct lf_image *seen);

/**
 * Carry out one PREPARE or ACT step. -ESTALE when what stands there is not
 * what the plan saw; then, as after any other failure, the step itself has
 * been taken back, or lf_step_undo() can tell from what stands there.
 */
int lf_step_run(struct lf_runner *runner, const struct lf_step *step);

/**
 * Whether a step that failed is undone like one that was carried out: taking it
 * back may have failed too. What others left is gone; at the place may stand
 * what looks like theirs.
 */
bool lf_op_is_judged(enum lf_op op);

/**
 * What taking a step back, or cleaning up, says where that cannot be known: its
 * directory stood there when the journal was written, and now there is none, or
 * another one. `runner->away` says which.
 */
#define LF_STEP_AWAY 1

/**
 * Undo one PREPARE or ACT step if it has happened, judged by what stands at
 * its names. Idempotent. What is neither before nor after is left and noted.
 */
int lf_step_undo(struct lf_runner *runner, const struct lf_step *step);

/**
 * Look at what a CLEAN step will remove, if it was taken out unseen; before the
 * commit. -ESTALE when it is not what the plan saw.
 */
int lf_step_look(struct lf_runner *runner, const struct lf_step *step);

/** Carry out one CLEAN step if it has not happened yet. Idempotent. */
int lf_step_clean(struct lf_runner *runner, const struct lf_step *step);

/** What a step does, for messages: "make the link", ... Static. */
const char *lf_step_verb(const struct lf_step *step);

#endif
