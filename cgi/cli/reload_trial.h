/*
 * reload_trial.h - checks that a new process of a pool would work.
 */
#ifndef CGI_CLI_RELOAD_TRIAL_H
#define CGI_CLI_RELOAD_TRIAL_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;

/*
 * Do what a worker and a process of provisor-jobs do to start, in a child
 * process, as the pools' user and with the settings on disk.  Return false
 * after printing the reason if such a process would not be ready.
 */
MUST_CHECK bool reload_trial(const struct cli *cli);

#endif
