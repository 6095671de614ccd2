/*
 * reload_trial.h - whether a process of a pool that starts now would work.
 */
#ifndef CGI_CLI_RELOAD_TRIAL_H
#define CGI_CLI_RELOAD_TRIAL_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;

/*
 * Start what a worker and a process of provisor-jobs start, as the pools' user
 * and with the settings on disk, in a child process.  Return false, after
 * printing the reason, if it would not be ready.
 */
MUST_CHECK bool reload_trial(const struct cli *cli);

#endif
