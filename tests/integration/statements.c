/*
 * statements.c - prints the embedded statements, for statements.t.
 *
 * Each is the line "name<TAB>number of parameters", its SQL, and an empty line.
 */
#include <stdio.h>

#include "lib/db/db.h"

int main(void)
{
	for (int i = 0; i < db_statement_count; i++)
		printf("%s\t%d\n%s\n\n", db_statements[i]->name,
		       db_statements[i]->params, db_statements[i]->sql);
	return 0;
}
