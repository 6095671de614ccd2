/*
 * init_address.h - the addresses at which a marketplace reaches new add-ons.
 *
 * An address is an https URL of a host, which may have a port and a path, and
 * no slash at its end.
 */
#ifndef CGI_CLI_INIT_ADDRESS_H
#define CGI_CLI_INIT_ADDRESS_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;

struct init_address {
	const char *url;
	bool is_sample; /* made of the slug: the vendor has to replace it */
};

/* Read --url.  Return false after printing that it is not valid. */
MUST_CHECK bool init_address_read(const struct cli *cli, const char *slug,
				  struct init_address *address);

/*
 * Read --staging-url; without it, ask for the address.  If nobody can be asked,
 * the address is a sample if that of production is one.
 *
 * Return false after printing that there is no address, or that it is not
 * valid or is the one of production: a test must not reach the customers'
 * resources.
 */
MUST_CHECK bool init_address_read_staging(const struct cli *cli,
					  const char *slug,
					  const struct init_address *production,
					  struct init_address *address);

#endif
