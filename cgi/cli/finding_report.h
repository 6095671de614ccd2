/*
 * finding_report.h - prints findings for an operator or, with --json, for
 * programs.
 */
#ifndef CGI_CLI_FINDING_REPORT_H
#define CGI_CLI_FINDING_REPORT_H

struct cli;
struct findings;

/*
 * Print all findings to standard output, each on a line of its own.  With
 * --json, a line is an object with the verdict ("ok", "warning" or "error"),
 * the place, the text after it, and the field if there is one.
 */
void finding_report(const struct cli *cli, const struct findings *findings);

#endif
