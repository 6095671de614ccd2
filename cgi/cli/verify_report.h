/*
 * verify_report.h - prints the results of provisor verify.
 */
#ifndef CGI_CLI_VERIFY_REPORT_H
#define CGI_CLI_VERIFY_REPORT_H

#include <stdbool.h>

#include "lib/base/base.h"

struct cli;
struct verify_provider;
struct verify_report;
struct verify_result;

/* Print one result: a line for people, and more if the check failed; or a JSON
 * object on a line.  Return false after a signal (interrupts.h), of which
 * people are told, and if the output cannot be written: then the run must end.
 */
MUST_CHECK bool verify_report_line(const struct verify_result *result);
MUST_CHECK bool verify_report_json(const struct verify_result *result);

/* Print the sums, and write the file of --junit, if it is given.  Return the
 * exit status. */
MUST_CHECK int verify_report_end(const struct cli *cli,
				 const struct verify_provider *provider,
				 const struct verify_report *report);

#endif
