/*
 * verify.h - plays the marketplace against any provider, and reports where the
 * provider breaks the contract.
 *
 * The contract is Heroku's, version 3 or 1.  The checks run one after the
 * other; each has a rule, a source, and what it expected and got.  Every
 * resource that a check makes is deprovisioned at the end.
 */
#ifndef LIB_VERIFY_VERIFY_H
#define LIB_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct json;
struct marketplace;

/* The provider, and what its manifest says.  All texts are borrowed. */
struct verify_provider {
	const char *url;     /* of resources: https, or http at this host */
	const char *sso_url; /* NULL: sign-on is not checked */
	const char *ca_file; /* as in https.h */
	bool is_version_1;
	const char *user;
	const char *password;
	const char *second_password;    /* valid, too; NULL: none */
	const char *salt;               /* NULL: sign-on is not checked */
	const struct json *config_vars; /* an array of names */
	const char *plan;
	const char *other_plan; /* NULL: no plan is changed */
	const char *seed;       /* the ids of resources come from it */
	int64_t limit;          /* ms that a response may take */
	/* What the provider calls if it provisions after its response
	 * (marketplace.h); NULL: this is not checked.  Only version 3. */
	struct marketplace *marketplace;
	const char *marketplace_url; /* without a slash at the end */
	bool has_client_secret;      /* the marketplace knows it */
	int64_t wait;                /* ms that provisioning may take */
};

enum verify_verdict { VERIFY_PASSED, VERIFY_FAILED, VERIFY_SKIPPED };

/* The result of a check.  It belongs to the arena of verify_run(). */
struct verify_result {
	const char *name;   /* such as "create.config" */
	const char *rule;   /* a sentence without a full stop */
	const char *source; /* where the rule stands */
	enum verify_verdict verdict;
	/* Both may quote the provider, without control characters. */
	const char *expected; /* VERIFY_FAILED */
	const char *got;      /* VERIFY_FAILED; VERIFY_SKIPPED: why */
	int64_t duration;     /* ms */
};

struct verify_report {
	int count;
	const struct verify_result *results;
	int requests;
	int64_t median, p99; /* ms of their responses */
	int left;            /* resources that could not be deprovisioned */
	bool is_stopped;     /* heard has ended the run */
};

/* Run all checks that apply to the provider, and call heard, which may be NULL,
 * after each.  If it returns false, no other check runs; the resources are
 * deprovisioned all the same. */
struct verify_report verify_run(struct arena *arena,
				const struct verify_provider *provider,
				bool (*heard)(const struct verify_result *));

#endif
