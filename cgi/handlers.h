/*
 * handlers.h - who answers what.
 *
 * A handler reads the request half of an exchange, asks the provider, sets the
 * answer, and returns how it went.  It writes nothing to the client and sees no
 * SQL.  routes.c calls the handlers of api.c only for callers it has
 * authenticated, with x->addon set.
 */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "lib/outcome.h"

struct exchange;

/* id is the decoded segment behind the resources' path; NULL for the first. */
enum outcome api_provision(struct exchange *x, const char *id);
enum outcome api_change_plan(struct exchange *x, const char *id);
enum outcome api_deprovision(struct exchange *x, const char *id);

/* Is this process alive? */
enum outcome ops_health(struct exchange *x);

/* Can it serve: database, migrations, homes? */
enum outcome ops_ready(struct exchange *x);

/* What has been counted on this host, for Prometheus. */
enum outcome ops_metrics(struct exchange *x);

#endif
