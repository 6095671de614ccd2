#include "cgi/cli/secret_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/hidden_input.h"
#include "lib/base/arena.h"

enum { LONGEST_SECRET = 4096 };

/* Pipes, such as those of a shell's <(command), have no readers but us. */
static bool is_private_secret(FILE *file, const char *option, const char *path)
{
	struct stat status;

	if (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)
	    || !(status.st_mode & (S_IRWXG | S_IRWXO)))
		return true;
	cli_fail("option %s: users other than the owner of %s can read or "
		 "change it (mode %04o): chmod 600 it",
		 option, path, (unsigned int)status.st_mode & 07777);
	return false;
}

static int read_secret_line(const struct cli *cli, FILE *file,
			    const char *option, const char *path,
			    const char **secret)
{
	char line[LONGEST_SECRET + 2] = "";
	size_t length;

	setvbuf(file, NULL, _IONBF, 0); /* libc would not wipe a buffer */
	if (file == stdin)
		hidden_input_begin(option);
	if (!fgets(line, sizeof line, file))
		line[0] = '\0';
	if (file == stdin)
		hidden_input_end();
	length = strcspn(line, "\r\n");
	*secret = arena_strndup(cli->arena, line, length);
	explicit_bzero(line, sizeof line);
	if (length > 0 && length <= LONGEST_SECRET)
		return CLI_OK;
	return cli_fail("option %s: the first line of %s must be the secret",
			option, path);
}

int cli_read_secret(const struct cli *cli, const char *option, const char *path,
		    const char **secret)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int status = CLI_FAILED;

	if (!file)
		return cli_fail("option %s: %s cannot be read (%s)", option,
				path, strerror(errno));
	if (file == stdin || is_private_secret(file, option, path))
		status = read_secret_line(cli, file, option, path, secret);
	if (file != stdin)
		fclose(file);
	return status;
}
