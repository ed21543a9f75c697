/* SPDX-License-Identifier: MIT */
/*
 * signal.h - being asked to stop
 *
 * For programs, not for the library, which never touches a signal. From
 * lf_signals_catch() on, SIGINT, SIGTERM and SIGHUP end the process at once,
 * with exit status 128 plus the signal's number: nothing has been written yet.
 * Between lf_signals_defer() and lf_signals_resume() they are only remembered,
 * and break no call off, so that what is being written can be undone in order;
 * further ones change nothing. A signal that was ignored when the process
 * started (nohup(1)) stays ignored.
 */
#ifndef LF_PLATFORM_SIGNAL_H
#define LF_PLATFORM_SIGNAL_H

/** Install the handlers, and ignore SIGPIPE and SIGXFSZ, so that writing says
 *  EPIPE and EFBIG. Returns 0 or a negative errno. */
int lf_signals_catch(void);

/** A terminal that is written to in colours: when the process is ended, its
 *  colours are, too. */
void lf_signals_paint(int fd);

/** From now on only remember the first signal. */
void lf_signals_defer(void);

/** From now on they end the process at once again. Returns the one that was
 *  remembered meanwhile, which the caller acts on; 0 for none. */
int lf_signals_resume(void);

/** The signal that was remembered, 0 for none. */
int lf_signals_caught(void);

#endif
