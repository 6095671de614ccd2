/*
 * statements.c - prints the kinds of jobs and the embedded statements, for
 * statements.t.
 *
 * Each kind is a line "name<TAB>lane"; an empty line follows the last.  Each
 * statement is the line "name<TAB>number of parameters", its SQL, and an empty
 * line.
 */
#include <stdio.h>

#include "lib/db/db.h"
#include "lib/store/job_kind.h"

int main(void)
{
	for (int i = 0; i < JOB_KINDS; i++)
		printf("%s\t%s\n", job_kinds[i].name,
		       job_kind_lane((enum job_kind)i));
	putchar('\n');
	for (int i = 0; i < db_statement_count; i++)
		printf("%s\t%d\n%s\n\n", db_statements[i]->name,
		       db_statements[i]->params, db_statements[i]->sql);
	return 0;
}
