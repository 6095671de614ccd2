/*
 * init_listener.h - the code that a new add-on's home begins with.
 *
 * It works as it stands, makes nothing, and says where to go on.  prefix is the
 * manifest's, title what people call the add-on.
 */
#ifndef CGI_CLI_INIT_LISTENER_H
#define CGI_CLI_INIT_LISTENER_H

#include "lib/listener/listener.h"

struct arena;

/* A hook in POSIX sh. */
const char *init_listener_hook(struct arena *arena, enum listener_action action,
			       const char *prefix, const char *title);

/* What becomes listener.so. */
const char *init_listener_source(struct arena *arena, const char *prefix,
				 const char *title);

#endif
