#include "cgi/cli/hidden_input.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/base.h"

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static bool is_hidden;
static struct termios shown;
static struct sigaction actions[COUNT(signals)];

static void restore_actions(void)
{
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &actions[i], NULL);
}

/* The signal has its effect when this handler returns.  A flag would be seen
 * too late if the signal arrives just before the program waits for input. */
static void show_and_raise(int number)
{
	int saved = errno;

	tcsetattr(STDIN_FILENO, TCSANOW, &shown);
	restore_actions();
	raise(number);
	errno = saved;
}

/* A signal that is ignored stays ignored. */
static void catch_signals(void)
{
	const struct sigaction show = { .sa_handler = show_and_raise };

	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], NULL, &actions[i]);
	for (size_t i = 0; i < COUNT(signals); i++)
		if (actions[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &show, NULL);
}

void hidden_input_begin(const char *prompt)
{
	struct termios hidden;

	is_hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
	if (!is_hidden)
		return;
	catch_signals();
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden);
	fprintf(stderr, "%s: ", prompt);
}

void hidden_input_end(void)
{
	if (!is_hidden)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
	fputc('\n', stderr); /* the typed one was not shown either */
	restore_actions();
}
