/*
 * init_advice.h - what an author does next with a new home.
 */
#ifndef CGI_CLI_INIT_ADVICE_H
#define CGI_CLI_INIT_ADVICE_H

#include "lib/addon/addon.h"

struct init_advice {
	const char *marketplace;
	const char *home; /* its folder */
	const char
		*host; /* to be replaced in the manifest; NULL: it is right */
	enum addon_listener listener;
};

/* Print it to standard output. */
void init_advise(const struct init_advice *advice);

#endif
