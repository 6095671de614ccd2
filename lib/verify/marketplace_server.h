/*
 * marketplace_server.h - the process that serves the marketplace of verify over
 * HTTP.
 */
#ifndef LIB_VERIFY_MARKETPLACE_SERVER_H
#define LIB_VERIFY_MARKETPLACE_SERVER_H

#include "lib/verify/marketplace.h"

/* The longest text of config vars that follows a report, in bytes. */
enum { MARKETPLACE_LONGEST_CONFIG = 64 * 1024 };

/* Serve the listening socket until the process is killed.  Messages go to
 * reports, a socket that keeps them apart: first a text, which is "" or why the
 * server cannot start; then a struct marketplace_report of each call, followed
 * by the config vars that it has set, as the text of an object. */
_Noreturn void marketplace_server_run(const struct marketplace_place *place,
				      int listening, int reports);

#endif
