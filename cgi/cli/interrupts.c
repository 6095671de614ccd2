#include "cgi/cli/interrupts.h"

#include <stddef.h>

#include "lib/base/base.h"

volatile sig_atomic_t interrupts_caught;

static void catch_interrupt(int number)
{
	(void)number;
	interrupts_caught = 1;
}

void interrupts_catch(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	const struct sigaction catch = { .sa_handler = catch_interrupt };
	struct sigaction before;

	for (size_t i = 0; i < COUNT(signals); i++)
		if (sigaction(signals[i], NULL, &before) == 0
		    && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &catch, NULL);
}
