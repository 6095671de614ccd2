#include "cgi/cli/hidden_input.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/base.h"

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static volatile sig_atomic_t caught; /* the number of a signal, or 0 */
static bool is_hidden;
static struct termios shown;
static struct sigaction actions[COUNT(signals)];

static void note_signal(int number)
{
	caught = number;
}

void hidden_input_begin(const char *prompt)
{
	const struct sigaction note = { .sa_handler = note_signal };
	struct termios hidden;

	is_hidden = tcgetattr(STDIN_FILENO, &shown) == 0;
	if (!is_hidden)
		return;
	caught = 0;
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &note, &actions[i]);
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
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaction(signals[i], &actions[i], NULL);
	if (caught)
		raise(caught);
}
