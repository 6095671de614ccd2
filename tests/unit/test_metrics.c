#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/base/log.h"
#include "lib/metrics/counters.h"

/* ---- processes ---- */

/*
 * A process never unmaps the file, so each part of a test runs in a separate
 * process: it does something, reports a text, and lives until it is killed.
 */
struct process {
	pid_t pid;
	const char *output;
};

static const char *path; /* of the shared file */

static void play(int out, const char *(*part)(void))
{
	const char *output;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	output = part();
	if (write(out, output, strlen(output)) < 0 || close(out) != 0)
		_exit(EXIT_FAILURE);
	for (;;)
		pause();
}

static struct process start(const char *(*part)(void))
{
	struct process process;
	int ends[2];
	FILE *in;
	char *output = NULL;
	size_t size = 0;

	assert_int_equal(pipe(ends), 0);
	process.pid = fork();
	assert_true(process.pid >= 0);
	if (process.pid == 0) {
		close(ends[0]);
		play(ends[1], part);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	assert_non_null(in);
	if (getdelim(&output, &size, '\0', in) < 0)
		fail_msg("a process has written nothing");
	fclose(in);
	process.output = arena_strdup(arena, output);
	free(output);
	return process;
}

static void end(const struct process *process)
{
	int status;

	kill(process->pid, SIGKILL);
	assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Run a process to its end and return its report. */
static const char *output_of(const char *(*part)(void))
{
	struct process process = start(part);

	end(&process);
	return process.output;
}

/* Remove the file of an earlier test. */
static void begin(void)
{
	path = files_path("metrics");
	files_remove(path);
}

/* ---- parts to play ---- */

static const char *fail_to_open(void)
{
	return arena_printf(arena, "cannot open: %s\n", strerror(errno));
}

static const char *look(void)
{
	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	return metrics_text(arena);
}

static const char *work(void)
{
	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	return metrics_text(arena);
}

static const char *count_some(void)
{
	metrics_request(METRICS_PROVISION, OUTCOME_OK, 20, 5, 9);
	metrics_request(METRICS_PROVISION, OUTCOME_OK, 30, 6, 0);
	metrics_request(METRICS_PROVISION, OUTCOME_GONE, 1, 0, 0);
	metrics_request(METRICS_CHANGE_PLAN, OUTCOME_INVALID, 2, 0, 0);
	metrics_request(METRICS_DEPROVISION, OUTCOME_UNAVAILABLE, 4000, 3999,
			0);
	metrics_request(METRICS_OTHER, OUTCOME_NOT_FOUND, 0, 0, 0);
	metrics_job("deprovision", OUTCOME_OK, 700, 30, 600);
	metrics_job("deprovision", OUTCOME_OK, 50, 40, 10);
	metrics_job("deprovision", OUTCOME_UNAVAILABLE, 60000, 10, 59000);
	metrics_job("provision", OUTCOME_GONE, 3, 2, 0);
	return metrics_text(arena);
}

static const char *work_and_count(void)
{
	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	return count_some();
}

static const char *write_workers(void)
{
	pid_t pids[300];
	int count;
	const char *text = "";

	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	count = metrics_pids(METRICS_WORKER, pids, COUNT(pids));
	for (int i = 0; i < count; i++)
		text = arena_printf(arena, "%s %d", text, (int)pids[i]);
	return arena_printf(arena, "%d:%s\n", count, text);
}

/* ---- what they tell ---- */

/* Return the value of a sample in text, or NULL. */
static const char *value_of(const char *text, const char *sample)
{
	const char *line = arena_printf(arena, "\n%s ", sample);
	const char *at = strstr(text, line);

	if (!at)
		return NULL;
	at += strlen(line);
	return arena_strndup(arena, at, strcspn(at, "\n"));
}

static void assert_value(const char *text, const char *sample,
			 const char *expected)
{
	const char *value = value_of(text, sample);

	if (!value)
		fail_msg("\"%s\" is not in\n%s", sample, text);
	if (strcmp(value, expected) != 0)
		fail_msg("\"%s\" is %s, not %s", sample, value, expected);
}

#define REQUESTS(operation, outcome)                                           \
	"provisor_requests_total{pool=\"other\",operation=\"" operation        \
	"\",outcome=\"" outcome "\"}"
#define UNTIL(operation, edge)                                                           \
	"provisor_request_duration_seconds_bucket{pool=\"other\",operation=\"" operation \
	"\",le=\"" edge "\"}"
#define OF(name, operation) name "{pool=\"other\",operation=\"" operation "\"}"
#define STEPS(kind, outcome)                                                   \
	"provisor_job_attempts_total{kind=\"" kind "\",outcome=\"" outcome "\"}"
#define OF_KIND(name, kind) name "{kind=\"" kind "\"}"

/* Check the counts after so many calls of count_some(). */
static void assert_some(const char *text, int times)
{
	const char *once = arena_printf(arena, "%d", times);

	assert_value(text, REQUESTS("provision", "ok"),
		     arena_printf(arena, "%d", 2 * times));
	assert_value(text, REQUESTS("provision", "gone"), once);
	assert_value(text, REQUESTS("change-plan", "invalid"), once);
	assert_value(text, REQUESTS("deprovision", "unavailable"), once);
	assert_value(text, REQUESTS("other", "not-found"), once);
	assert_value(text,
		     OF("provisor_request_duration_seconds_count", "provision"),
		     arena_printf(arena, "%d", 3 * times));
	assert_value(text,
		     OF("provisor_request_duration_seconds_sum", "provision"),
		     arena_printf(arena, "%.3f", times * 0.051));
	assert_value(text,
		     OF("provisor_request_database_seconds_total", "provision"),
		     arena_printf(arena, "%.3f", times * 0.011));
	assert_value(
		text,
		OF("provisor_request_database_seconds_total", "deprovision"),
		arena_printf(arena, "%.3f", times * 3.999));
	assert_value(text,
		     OF("provisor_request_listener_seconds_total", "provision"),
		     arena_printf(arena, "%.3f", times * 0.009));
	assert_value(
		text,
		OF("provisor_request_listener_seconds_total", "deprovision"),
		"0.000");
	assert_value(text, STEPS("deprovision", "ok"),
		     arena_printf(arena, "%d", 2 * times));
	assert_value(text, STEPS("deprovision", "unavailable"), once);
	assert_value(text, STEPS("provision", "gone"), once);
	assert_value(text, OF_KIND("provisor_job_seconds_total", "deprovision"),
		     arena_printf(arena, "%.3f", times * 60.75));
	assert_value(
		text,
		OF_KIND("provisor_job_database_seconds_total", "deprovision"),
		arena_printf(arena, "%.3f", times * 0.08));
	assert_value(
		text,
		OF_KIND("provisor_job_listener_seconds_total", "deprovision"),
		arena_printf(arena, "%.3f", times * 59.61));
	assert_value(
		text,
		OF_KIND("provisor_job_listener_seconds_total", "provision"),
		"0.000");
}

/* ---- counting ---- */

static void without_a_file_a_process_counts_for_itself(void)
{
	begin();
	assert_some(output_of(count_some), 1);
	assert_some(output_of(count_some), 1);
	assert_value(output_of(count_some), "provisor_workers{pool=\"other\"}",
		     "0");
}

static void what_a_worker_counts_all_see(void)
{
	begin();
	assert_some(output_of(work_and_count), 1);
	assert_some(output_of(look), 1);
}

static void several_workers_are_summed_up(void)
{
	struct process workers[5];

	begin();
	for (int i = 0; i < (int)COUNT(workers); i++) {
		workers[i] = start(work_and_count);
		assert_some(workers[i].output, i + 1);
	}
	assert_some(output_of(look), COUNT(workers));
	for (size_t i = 0; i < COUNT(workers); i++)
		end(&workers[i]);
	assert_some(output_of(look), COUNT(workers));
}

/* The file has 256 slots. */
static void the_slot_of_the_dead_is_taken_over(void)
{
	begin();
	for (int i = 1; i <= 600; i++)
		output_of(work_and_count);
	assert_some(output_of(look), 600);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "0");
}

static void the_slot_of_the_living_is_not(void)
{
	struct process old, new;

	begin();
	old = start(work_and_count);
	new = start(work_and_count);
	end(&old);
	assert_some(output_of(work_and_count), 3);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "1");
	end(&new);
}

static const char *join(void)
{
	assert_true(log_to(files_path("log")));
	metrics_join(path, METRICS_WORKER);
	return files_read(files_path("log"));
}

static void workers_beyond_the_slots_are_refused(void)
{
	struct process workers[256], more;

	begin();
	for (size_t i = 0; i < COUNT(workers); i++)
		workers[i] = start(work);
	more = start(work);
	assert_text(more.output,
		    arena_printf(arena, "cannot open: %s\n", strerror(EUSERS)));
	end(&more);
	assert_contains(output_of(join), ": all 256 slots are taken");
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}",
		     "256");
	end(&workers[100]);
	more = start(work_and_count);
	assert_some(more.output, 1);
	end(&more);
	for (size_t i = 0; i < COUNT(workers); i++)
		if (i != 100)
			end(&workers[i]);
}

/* ---- workers ---- */

static const char *pids_of(const struct process *processes, size_t count)
{
	const char *text = arena_printf(arena, "%zu:", count);

	for (size_t i = 0; i < count; i++)
		text = arena_printf(arena, "%s %d", text,
				    (int)processes[i].pid);
	return arena_printf(arena, "%s\n", text);
}

static void workers_are_listed_until_they_end(void)
{
	struct process workers[3], looker;

	begin();
	output_of(work);
	assert_string_equal(output_of(write_workers), "0:\n");
	for (size_t i = 0; i < COUNT(workers); i++)
		workers[i] = start(work);
	looker = start(look);
	assert_value(looker.output, "provisor_workers{pool=\"other\"}", "3");
	assert_string_equal(output_of(write_workers), pids_of(workers, 3));
	end(&workers[2]);
	assert_string_equal(output_of(write_workers), pids_of(workers, 2));
	end(&workers[0]);
	assert_string_equal(output_of(write_workers), pids_of(&workers[1], 1));
	end(&workers[1]);
	assert_string_equal(output_of(write_workers), "0:\n");
	end(&looker);
}

static void a_worker_tells_itself_too(void)
{
	begin();
	assert_value(output_of(work), "provisor_workers{pool=\"other\"}", "1");
}

static const char *write_two_workers(void)
{
	pid_t pids[3] = { 0, 0, 77 };

	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	return arena_printf(arena, "%d %d\n",
			    metrics_pids(METRICS_WORKER, pids, 2),
			    (int)pids[2]);
}

static void no_more_workers_are_listed_than_fit(void)
{
	struct process workers[3];

	begin();
	for (size_t i = 0; i < COUNT(workers); i++)
		workers[i] = start(work);
	assert_string_equal(output_of(write_two_workers), "2 77\n");
	for (size_t i = 0; i < COUNT(workers); i++)
		end(&workers[i]);
}

static const char *work_as_all(void)
{
	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	metrics_mapped()->slots[0].pid = -1;
	return "pid -1\n";
}

static void a_pid_that_was_written_is_not_believed(void)
{
	struct process worker;

	begin();
	worker = start(work_as_all);
	assert_string_equal(worker.output, "pid -1\n");
	assert_string_equal(output_of(write_workers), pids_of(&worker, 1));
	end(&worker);
}

/* Take a lock that belongs to an open file: its pid is -1. */
static const char *lock_for_no_process(void)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = offsetof(struct metrics_file, slots),
		.l_len = 1,
	};
	int file = open(path, O_RDWR | O_CLOEXEC);

	if (!metrics_open(path, METRICS_READER)
	    || fcntl(file, F_OFD_SETLK, &lock) != 0)
		return fail_to_open();
	return "locked\n";
}

static void a_lock_of_no_process_is_no_worker(void)
{
	struct process locker;

	begin();
	output_of(work);
	locker = start(lock_for_no_process);
	assert_string_equal(locker.output, "locked\n");
	assert_string_equal(output_of(write_workers), pids_of(NULL, 0));
	end(&locker);
}

/* ---- provisor-jobs ---- */

static const char *do_jobs(void)
{
	if (!metrics_open(path, METRICS_JOBS))
		return fail_to_open();
	return count_some();
}

static const char *write_jobs(void)
{
	pid_t pid = 0;
	int count;

	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	count = metrics_pids(METRICS_JOBS, &pid, 1);
	return arena_printf(arena, "%d: %d\n", count, (int)pid);
}

static void processes_of_jobs_are_listed_separately(void)
{
	struct process worker, jobs;
	const char *text;

	begin();
	worker = start(work_and_count);
	jobs = start(do_jobs);
	assert_string_equal(output_of(write_workers), pids_of(&worker, 1));
	assert_string_equal(output_of(write_jobs),
			    arena_printf(arena, "1: %d\n", (int)jobs.pid));
	text = output_of(look);
	assert_value(text, "provisor_workers{pool=\"other\"}", "1");
	assert_value(text, "provisor_job_workers", "1");
	assert_some(text, 2);
	end(&jobs);
	assert_string_equal(output_of(write_jobs), "0: 0\n");
	end(&worker);
}

static void a_slot_changes_its_role_with_its_process(void)
{
	begin();
	output_of(work);
	assert_value(output_of(do_jobs), "provisor_job_workers", "1");
	assert_value(output_of(work), "provisor_job_workers", "0");
}

static const char *do_unknown_job(void)
{
	metrics_job("exchange-grant", OUTCOME_OK, 5, 1, 2);
	return metrics_text(arena);
}

static void a_job_of_no_known_kind_is_another(void)
{
	begin();
	assert_value(output_of(do_unknown_job), STEPS("other", "ok"), "1");
}

/* ---- the file ---- */

static void the_file_is_made_for_its_group(void)
{
	struct stat status;
	mode_t mask = umask(0077);

	begin();
	output_of(work);
	umask(mask);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
}

static void a_reader_makes_no_file(void)
{
	begin();
	assert_string_equal(
		output_of(look),
		arena_printf(arena, "cannot open: %s\n", strerror(ENOENT)));
	assert_int_equal(access(path, F_OK), -1);
}

static void an_empty_file_is_laid_out(void)
{
	begin();
	files_write("metrics", "");
	assert_some(output_of(work_and_count), 1);
	assert_some(output_of(work_and_count), 2);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "0");
}

static const char *work_otherwise(void)
{
	if (!metrics_open(path, METRICS_PROCESS))
		return fail_to_open();
	return count_some();
}

static void a_process_that_is_no_worker_counts_too(void)
{
	begin();
	assert_some(output_of(work_otherwise), 1);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "0");
	assert_some(output_of(work_and_count), 2);
}

static struct layout_row {
	const char *name;
	const char *content;
	off_t size; /* filled with zeros */
} layouts[] = {
	{ "a short file is not written over", "prov", 4 },
	{ "a file of zeros is not written over", "", 4096 },
	{ "another layout is not written over", "provisor 0", 1 << 20 },
	{ "a file of another program is unchanged",
	  "counters of somebody else\n", 26 },
};

static void file_is_left_alone(void **state)
{
	const struct layout_row *row = *state;
	struct stat status;
	const char *refusal =
		arena_printf(arena, "cannot open: %s\n", strerror(EINVAL));

	begin();
	files_write("metrics", row->content);
	assert_int_equal(truncate(path, row->size), 0);
	assert_string_equal(output_of(work_and_count), refusal);
	assert_string_equal(output_of(look), refusal);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, row->size);
}

static off_t metrics_size(void)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_size;
}

/* During an upgrade, workers of version 0.1.0 have mapped the file. */
static void the_file_of_an_earlier_version_is_extended(void)
{
	struct process worker;
	off_t size;

	begin();
	assert_some(output_of(work_and_count), 1);
	size = metrics_size();
	assert_int_equal(truncate(path, METRICS_OLDEST_SIZE), 0);
	assert_value(output_of(look), "provisor_busy_workers{pool=\"other\"}",
		     "0");
	assert_int_equal(metrics_size(), METRICS_OLDEST_SIZE);
	worker = start(work_and_count);
	assert_int_equal(metrics_size(), size);
	assert_some(worker.output, 2);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "1");
	end(&worker);
}

static void the_file_of_a_later_version_stays_longer(void)
{
	off_t size;

	begin();
	assert_some(output_of(work_and_count), 1);
	size = metrics_size() + 4096;
	assert_int_equal(truncate(path, size), 0);
	assert_some(output_of(work_and_count), 2);
	assert_value(output_of(look), "provisor_workers{pool=\"other\"}", "0");
	assert_int_equal(metrics_size(), size);
}

static const char *count_without_the_file(void)
{
	const char *why = metrics_open(path, METRICS_WORKER) ? "nothing" : "";
	int number = errno;

	return arena_printf(arena, "%s%s\n%s", why, strerror(number),
			    count_some());
}

static void assert_counts_for_itself(int why)
{
	const char *output = output_of(count_without_the_file);

	assert_int_equal(strncmp(output, strerror(why), strlen(strerror(why))),
			 0);
	assert_some(output, 1);
}

static void where_the_file_cannot_be_each_counts_for_itself(void)
{
	begin();
	path = files_path("nowhere/metrics");
	assert_counts_for_itself(ENOENT);
	path = files_path("");
	assert_counts_for_itself(EISDIR);
}

/* The link could lead to a file of another program. */
static void a_link_is_not_followed(void)
{
	begin();
	files_write("victim", "precious");
	assert_int_equal(symlink(files_path("victim"), path), 0);
	assert_counts_for_itself(ELOOP);
	assert_text(files_read(files_path("victim")), "precious");
}

/* The pools' user owns the file's folder, and root's commands read the file. */
static void a_reader_does_not_wait_for_a_fifo(void)
{
	begin();
	assert_int_equal(mkfifo(path, 0660), 0);
	alarm(5);
	assert_contains(output_of(look), "Invalid argument");
	alarm(0);
}

static void a_reader_does_not_wait_for_a_lock(void)
{
	int file;

	begin();
	assert_some(output_of(work_and_count), 1);
	file = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(file, LOCK_EX), 0);
	alarm(5);
	assert_some(output_of(look), 1);
	alarm(0);
	close(file);
}

/* ---- the histogram ---- */

static int64_t taken; /* ms */

static const char *take_so_long(void)
{
	metrics_request(METRICS_PROVISION, OUTCOME_OK, taken, 0, 0);
	return metrics_text(arena);
}

static struct edge_row {
	const char *name;
	int64_t taken;
	const char *within, *beyond; /* adjacent edges */
} edges[] = {
	{ "a time of 0 is in the first bucket", 0, "0.001", NULL },
	{ "a millisecond is within the first edge", 1, "0.001", NULL },
	{ "two milliseconds are beyond it", 2, "0.002", "0.001" },
	{ "3 s are within 3 s", 3000, "3", "1" },
	{ "a millisecond more is beyond 3 s", 3001, "10", "3" },
	{ "25 s are within 25 s", 25000, "25", "10" },
	{ "a millisecond more is beyond 25 s", 25001, "+Inf", "25" },
	{ "an hour is beyond all", 3600000, "+Inf", "25" },
};

static void edge_is_as_expected(void **state)
{
	const struct edge_row *row = *state;
	const char *text;

	taken = row->taken;
	text = output_of(take_so_long);
	assert_value(text,
		     arena_printf(arena, UNTIL("provision", "%s"), row->within),
		     "1");
	if (row->beyond)
		assert_value(text,
			     arena_printf(arena, UNTIL("provision", "%s"),
					  row->beyond),
			     "0");
	assert_value(text, UNTIL("provision", "+Inf"), "1");
	assert_value(text,
		     OF("provisor_request_duration_seconds_sum", "provision"),
		     arena_printf(arena, "%.3f", (double)row->taken / 1000));
}

static const char *take_all_times(void)
{
	for (size_t i = 0; i < COUNT(edges); i++)
		metrics_request(METRICS_PROVISION, OUTCOME_OK, edges[i].taken,
				0, 0);
	return metrics_text(arena);
}

static void buckets_are_cumulative(void)
{
	static const char bucket[] =
		"provisor_request_duration_seconds_bucket{pool=\"other\",operation=\"provision\",le=\"";
	const char *text = output_of(take_all_times);
	double edge_before = -1;
	unsigned long before = 0;
	int count = 0;

	for (const char *at = strstr(text, bucket); at;
	     at = strstr(at, bucket)) {
		char *behind;
		double edge = strtod(at += strlen(bucket), &behind);
		unsigned long value = strtoul(behind + 3, NULL, 10);

		assert_int_equal(strncmp(behind, "\"} ", 3), 0);
		assert_true(edge > edge_before);
		assert_true(value >= before);
		edge_before = edge;
		before = value;
		count++;
	}
	assert_int_equal(count, 14);
	assert_int_equal(before, COUNT(edges));
	assert_value(text, UNTIL("provision", "1"), "3");
	assert_value(text, UNTIL("provision", "3"), "4");
	assert_value(text, UNTIL("provision", "10"), "5");
	assert_value(text, UNTIL("provision", "25"), "6");
	assert_value(text, UNTIL("provision", "+Inf"), "8");
	assert_value(text,
		     OF("provisor_request_duration_seconds_count", "provision"),
		     "8");
}

/* ---- secrets that are being rotated out ---- */

#define LONGEST                                                                \
	"a-slug_of-64-characters-is-the-longest-that-a-manifest-may-name0"

static const char *use_old_secrets(void)
{
	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	metrics_old_secret("heroku", "fast-db");
	metrics_old_secret("heroku", "fast-db");
	metrics_old_secret("heroku", "fast-db-staging");
	metrics_old_secret("cloudcontrol", "fast-db");
	metrics_old_secret("cloudcontrol", LONGEST);
	return metrics_text(arena);
}

static const char *tell_old_secret(void)
{
	uint64_t count = 77;
	int64_t last = 77;

	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	if (!metrics_old_secret_used("heroku", "fast-db", &count, &last))
		return "never\n";
	return arena_printf(arena, "%" PRIu64 " times, %s\n", count,
			    last <= time(NULL) && last >= time(NULL) - 5
				    ? "just now"
				    : "another time");
}

static void old_secrets_are_counted_for_each_add_on(void)
{
	struct process first, second;
	const char *text;

	begin();
	output_of(work);
	assert_string_equal(output_of(tell_old_secret), "never\n");
	first = start(use_old_secrets);
	second = start(use_old_secrets);
	assert_string_equal(output_of(tell_old_secret), "4 times, just now\n");
	end(&first);
	end(&second);
	text = output_of(look);
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"heroku\",addon=\"fast-db\"}",
		"4");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"heroku\",addon=\""
		"fast-db-staging\"}",
		"2");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"cloudcontrol\",addon=\""
		"fast-db\"}",
		"2");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"cloudcontrol\",addon=\"" LONGEST
		"\"}",
		"2");
}

static const char *use_old_secret_without_the_file(void)
{
	uint64_t count;
	int64_t last;

	metrics_old_secret("heroku", "fast-db");
	return metrics_old_secret_used("heroku", "fast-db", &count, &last)
		? "used\n"
		: "never\n";
}

static void without_a_file_no_old_secret_is_known(void)
{
	begin();
	assert_string_equal(output_of(use_old_secret_without_the_file),
			    "never\n");
}

static const char *use_very_many_old_secrets(void)
{
	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	for (int i = 0; i < 300; i++)
		metrics_old_secret("heroku", arena_printf(arena, "db-%d", i));
	return metrics_text(arena);
}

static void add_ons_beyond_the_room_count_together(void)
{
	const char *text;

	begin();
	text = output_of(use_very_many_old_secrets);
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"heroku\",addon=\"db-0\"}",
		"1");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"heroku\",addon=\"db-255\"}",
		"1");
	assert_lacks(text, "db-256");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"other\",addon=\"other\"}",
		"44");
	assert_some(output_of(work_and_count), 1);
}

/* A name without an end, and one that would forge a sample. */
static const char *write_false_names(void)
{
	struct metrics_addon *uses;

	if (!metrics_open(path, METRICS_WORKER))
		return fail_to_open();
	uses = metrics_mapped()->addons;
	memset(uses[0].name, 'x', sizeof uses[0].name);
	memcpy(uses[0].name, "heroku/", strlen("heroku/"));
	strcpy(uses[1].name, "heroku/a\"} 1\nprovisor_forged{a=\"");
	strcpy(uses[2].name, "heroku");
	metrics_old_secret("heroku", "fast-db");
	return metrics_text(arena);
}

static void a_name_that_was_written_is_not_believed(void)
{
	const char *text;

	begin();
	text = output_of(write_false_names);
	assert_lacks(text, "xxx");
	assert_lacks(text, "forged");
	assert_value(
		text,
		"provisor_old_secret_uses_total{marketplace=\"heroku\",addon=\"fast-db\"}",
		"1");
}

/* ---- pools ---- */

static const char *work_as_api(void)
{
	if (!metrics_open(path, METRICS_API))
		return fail_to_open();
	return count_some();
}

static const char *work_as_web(void)
{
	if (!metrics_open(path, METRICS_WEB))
		return fail_to_open();
	metrics_request(METRICS_SIGN_ON, OUTCOME_OK, 1, 0, 0);
	return metrics_text(arena);
}

#define OF_POOL(pool, operation, outcome)                                      \
	"provisor_requests_total{pool=\"" pool "\",operation=\"" operation     \
	"\",outcome=\"" outcome "\"}"

static void requests_are_listed_by_pool(void)
{
	struct process api;
	const char *text;

	begin();
	api = start(work_as_api);
	output_of(work_as_web);
	text = output_of(look);
	assert_value(text, OF_POOL("api", "provision", "ok"), "2");
	assert_value(text, OF_POOL("web", "provision", "ok"), "0");
	assert_value(text, OF_POOL("web", "sign-on", "ok"), "1");
	assert_value(text, OF_POOL("api", "sign-on", "ok"), "0");
	assert_value(text, "provisor_workers{pool=\"api\"}", "1");
	assert_value(text, "provisor_workers{pool=\"web\"}", "0");
	end(&api);
}

/* The api workers use all slots, and then the web worker takes one. */
static void counts_stay_with_their_pool(void)
{
	struct process workers[METRICS_SLOTS];
	const char *text;

	begin();
	for (size_t i = 0; i < COUNT(workers); i++)
		workers[i] = start(work_as_api);
	for (size_t i = 0; i < COUNT(workers); i++)
		end(&workers[i]);
	text = output_of(work_as_web);
	assert_value(text, OF_POOL("api", "provision", "ok"), "512");
	assert_value(text, OF_POOL("web", "provision", "ok"), "0");
	assert_value(text, OF_POOL("web", "sign-on", "ok"), "1");
}

static const char *tell_who_has_run(void)
{
	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	return arena_printf(arena, "%d%d%d\n", metrics_has_run(METRICS_API),
			    metrics_has_run(METRICS_WEB),
			    metrics_has_run(METRICS_JOBS));
}

static void a_pool_that_has_ended_is_known(void)
{
	begin();
	output_of(work_as_api);
	output_of(do_jobs);
	assert_string_equal(output_of(tell_who_has_run), "101\n");
}

static const char *work_busily(void)
{
	if (!metrics_open(path, METRICS_API))
		return fail_to_open();
	metrics_set_busy(true);
	return metrics_text(arena);
}

static const char *work_until_done(void)
{
	const char *text = work_busily();

	metrics_set_busy(false);
	return text;
}

static void workers_with_a_request_are_busy(void)
{
	struct process busy, idle;

	begin();
	busy = start(work_busily);
	assert_value(busy.output, "provisor_busy_workers{pool=\"api\"}", "0");
	idle = start(work_until_done);
	assert_value(idle.output, "provisor_busy_workers{pool=\"api\"}", "1");
	assert_value(output_of(look), "provisor_busy_workers{pool=\"api\"}",
		     "1");
	assert_value(output_of(look), "provisor_busy_workers{pool=\"web\"}",
		     "0");
	end(&busy);
	assert_value(output_of(look), "provisor_busy_workers{pool=\"api\"}",
		     "0");
	busy = start(work_as_api);
	assert_value(output_of(look), "provisor_busy_workers{pool=\"api\"}",
		     "0");
	end(&busy);
	end(&idle);
}

/* ---- add-ons ---- */

static const char *serve_addons(void)
{
	if (!metrics_open(path, METRICS_API))
		return fail_to_open();
	metrics_addon_known("heroku", "unused", true);
	metrics_addon_known("heroku", "template", false);
	metrics_addon_request("heroku", "fast-db", METRICS_PROVISION, 200, 100);
	metrics_addon_request("heroku", "fast-db", METRICS_PROVISION, 503,
			      25001);
	metrics_addon_request("heroku", "fast-db", METRICS_SUSPEND, 204, 0);
	metrics_platform_call("heroku", "fast-db", "later", 1500);
	metrics_platform_call("heroku", "fast-db", "later", 500);
	metrics_platform_call("heroku", "fast-db", "done", 20);
	metrics_call("heroku", "fast-db", "provision", "failed", true);
	metrics_call("heroku", "fast-db", "provision", "done", false);
	for (int i = 0; i < 4; i++)
		metrics_call("heroku", "fast-db", "deprovision",
			     "failed-for-good", true);
	return metrics_text(arena);
}

#define CALLS(addon, action, result)                                           \
	"provisor_listener_calls_total{marketplace=\"heroku\",addon=\"" addon  \
	"\",action=\"" action "\",result=\"" result "\"}"
#define IN_ROW(action)                                                                                \
	"provisor_listener_failures_in_row{marketplace=\"heroku\",addon=\"fast-db\",action=\"" action \
	"\"}"

#define DURATION(part, operation, edge)                                        \
	"provisor_addon_request_duration_seconds_" part                        \
	"{marketplace=\"heroku\",addon=\"fast-db\",operation=\"" operation     \
	"\"" edge "}"
#define UP_TO(edge) DURATION("bucket", "provision", ",le=\"" edge "\"")
#define OF_MARKETPLACE(name, addon, more)                                      \
	"provisor_marketplace_" name "{marketplace=\"heroku\",addon=\"" addon  \
	"\"" more "}"

static void durations_are_counted_by_add_on(void)
{
	const char *text;

	begin();
	output_of(serve_addons);
	text = output_of(look);
	assert_value(text, UP_TO("0.01"), "0");
	assert_value(text, UP_TO("0.1"), "1");
	assert_value(text, UP_TO("25"), "1");
	assert_value(text, UP_TO("+Inf"), "2");
	assert_value(text, DURATION("sum", "provision", ""), "25.101");
	assert_value(text, DURATION("count", "provision", ""), "2");
	assert_value(text, DURATION("count", "sign-on", ""), "0");
	assert_value(text, DURATION("count", "suspend", ""), "1");
	assert_lacks(text, DURATION("count", "resume", ""));
}

static void calls_of_the_marketplace_are_counted_by_add_on(void)
{
	const char *text;

	begin();
	output_of(serve_addons);
	text = output_of(look);
	assert_value(
		text,
		OF_MARKETPLACE("calls_total", "fast-db", ",result=\"later\""),
		"2");
	assert_value(
		text,
		OF_MARKETPLACE("calls_total", "fast-db", ",result=\"done\""),
		"1");
	assert_value(
		text,
		OF_MARKETPLACE("calls_total", "unused", ",result=\"gone\""),
		"0");
	assert_value(text, OF_MARKETPLACE("call_seconds_total", "fast-db", ""),
		     "2.020");
}

static const char *tell_failures(void)
{
	int64_t since = 0;
	bool is_every;
	uint64_t count;

	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	count = metrics_call_failures("heroku", "fast-db", "deprovision",
				      &since, &is_every);
	return arena_printf(arena, "%" PRIu64 " %s, %s\n", count,
			    since >= time(NULL) - 60 ? "now" : "then",
			    is_every ? "every call" : "some calls");
}

static void add_ons_are_counted_one_by_one(void)
{
	const char *text;

	begin();
	output_of(serve_addons);
	text = output_of(look);
	assert_value(
		text,
		"provisor_addon_requests_total{marketplace=\"heroku\",addon=\"fast-db\",operation=\"provision\",status=\"5xx\"}",
		"1");
	assert_value(
		text,
		"provisor_addon_requests_total{marketplace=\"heroku\",addon=\"unused\",operation=\"sign-on\",status=\"3xx\"}",
		"0");
	assert_value(text, CALLS("fast-db", "provision", "failed"), "1");
	assert_value(text, CALLS("fast-db", "provision", "done"), "1");
	assert_value(text, CALLS("unused", "rotate", "refused"), "0");
	assert_lacks(text, CALLS("template", "rotate", "refused"));
	assert_value(text, IN_ROW("provision"), "0");
	assert_value(text, IN_ROW("deprovision"), "4");
	assert_string_equal(output_of(tell_failures), "4 now, every call\n");
}

/* A command maps the file for reading only. */
static const char *read_and_count(void)
{
	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	metrics_call("heroku", "fast-db", "provision", "done", false);
	metrics_platform_call("heroku", "fast-db", "done", 1);
	metrics_old_secret("heroku", "fast-db");
	metrics_write_failed(METRICS_NO_SPACE);
	metrics_write_worked();
	return "unhurt\n";
}

static void a_reader_counts_nothing(void)
{
	begin();
	output_of(work);
	assert_string_equal(output_of(read_and_count), "unhurt\n");
	assert_lacks(output_of(look), "fast-db");
}

/* ---- writes of the database ---- */

static const char *fail_to_write(void)
{
	if (!metrics_open(path, METRICS_API))
		return fail_to_open();
	metrics_write_failed(METRICS_NO_SPACE);
	return metrics_text(arena);
}

static const char *tell_trouble(void)
{
	if (!metrics_open(path, METRICS_READER))
		return fail_to_open();
	return arena_printf(arena, "%d\n", metrics_write_trouble());
}

static const char *write_again(void)
{
	if (!metrics_open(path, METRICS_WEB))
		return fail_to_open();
	metrics_write_worked();
	return metrics_text(arena);
}

static void a_failed_write_is_known_until_one_works(void)
{
	begin();
	output_of(work);
	assert_string_equal(output_of(tell_trouble), "0\n");
	output_of(fail_to_write);
	assert_string_equal(output_of(tell_trouble), "1\n");
	assert_value(output_of(look), "provisor_database_write_failures_total",
		     "1");
	output_of(write_again);
	assert_string_equal(output_of(tell_trouble), "0\n");
	assert_value(output_of(look), "provisor_database_write_failures_total",
		     "1");
}

/* ---- the text ---- */

/* Return true if line is a sample of the last declared family. */
static void assert_sample(const char *line, const char *family)
{
	size_t name = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
	const char *value = line + name;
	char *end_of_value;

	if (strncmp(line, family, strlen(family)) != 0)
		fail_msg("%s: does not belong to %s", line, family);
	if (*value == '{')
		value = strchr(value, '}') ? strchr(value, '}') + 1 : value;
	if (*value != ' ')
		fail_msg("%s: has no value", line);
	strtod(value + 1, &end_of_value);
	if (end_of_value == value + 1 || *end_of_value)
		fail_msg("%s: is not a number", line);
}

static void the_text_is_as_prometheus_reads_it(void)
{
	const char *text, *family = "";
	char *copy, *rest, *line;
	int families = 0;

	begin();
	output_of(use_old_secrets);
	output_of(work_and_count);
	text = output_of(look);
	assert_int_equal(text[strlen(text) - 1], '\n');
	copy = arena_strdup(arena, text);
	for (line = strtok_r(copy, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			family = arena_strndup(arena, line + 7,
					       strcspn(line + 7, " "));
			line = strtok_r(NULL, "\n", &rest);
			assert_contains(
				line,
				arena_printf(arena, "# TYPE %s ", family));
			families++;
		} else {
			assert_sample(line, family);
		}
	}
	assert_int_equal(families, 21);
}

/* promtool is part of Prometheus and may be missing. */
static void promtool_has_no_objection(void)
{
	const char *command =
		arena_printf(arena, "promtool check metrics <'%s' >/dev/null",
			     files_path("text"));

	if (system("command -v promtool >/dev/null") != 0)
		skip();
	begin();
	output_of(use_old_secrets);
	output_of(work_and_count);
	files_write("text", output_of(look));
	assert_int_equal(system(command), 0);
}

static void nothing_counted_is_a_text_too(void)
{
	const char *text;

	begin();
	output_of(work);
	text = output_of(look);
	assert_contains(text, "# TYPE provisor_requests_total counter\n");
	assert_value(text, REQUESTS("provision", "ok"), "0");
	assert_value(text, STEPS("provision", "ok"), "0");
	assert_value(text, UNTIL("provision", "3"), "0");
	assert_value(text, OF("provisor_request_duration_seconds_sum", "other"),
		     "0.000");
	assert_value(text, "provisor_workers{pool=\"other\"}", "0");
}

static struct unit_check checks[] = {
	{ "without a file a process counts for itself",
	  without_a_file_a_process_counts_for_itself },
	{ "all workers see what one counts", what_a_worker_counts_all_see },
	{ "several workers are summed up", several_workers_are_summed_up },
	{ "the slot of the dead is taken over, with its counts",
	  the_slot_of_the_dead_is_taken_over },
	{ "the slot of the living is not taken over",
	  the_slot_of_the_living_is_not },
	{ "workers beyond the slots are refused",
	  workers_beyond_the_slots_are_refused },
	{ "workers are listed until they end",
	  workers_are_listed_until_they_end },
	{ "a worker tells itself too", a_worker_tells_itself_too },
	{ "at most the requested number of workers is listed",
	  no_more_workers_are_listed_than_fit },
	{ "a pid that was written into the file is not believed",
	  a_pid_that_was_written_is_not_believed },
	{ "a lock that no process holds is not a worker",
	  a_lock_of_no_process_is_no_worker },
	{ "processes of provisor-jobs are not workers",
	  processes_of_jobs_are_listed_separately },
	{ "a slot changes its role with its process",
	  a_slot_changes_its_role_with_its_process },
	{ "a job of an unknown kind counts as other",
	  a_job_of_no_known_kind_is_another },
	{ "the file is made for its group", the_file_is_made_for_its_group },
	{ "a reader makes no file", a_reader_makes_no_file },
	{ "an empty file is laid out", an_empty_file_is_laid_out },
	{ "a process that is not a worker counts, too",
	  a_process_that_is_no_worker_counts_too },
	{ "the file of an earlier version is extended",
	  the_file_of_an_earlier_version_is_extended },
	{ "the file of a later version stays longer",
	  the_file_of_a_later_version_stays_longer },
	{ "where the file cannot be each counts for itself",
	  where_the_file_cannot_be_each_counts_for_itself },
	{ "a link is not followed", a_link_is_not_followed },
	{ "a reader does not wait for a FIFO",
	  a_reader_does_not_wait_for_a_fifo },
	{ "a reader does not wait for a lock",
	  a_reader_does_not_wait_for_a_lock },
	{ "buckets are cumulative", buckets_are_cumulative },
	{ "old secrets are counted for each add-on",
	  old_secrets_are_counted_for_each_add_on },
	{ "without a file no old secret is known",
	  without_a_file_no_old_secret_is_known },
	{ "add-ons beyond the limit are counted together",
	  add_ons_beyond_the_room_count_together },
	{ "a name that was written into the file is not believed",
	  a_name_that_was_written_is_not_believed },
	{ "requests are listed by pool", requests_are_listed_by_pool },
	{ "counts stay with their pool", counts_stay_with_their_pool },
	{ "a pool that has ended is known", a_pool_that_has_ended_is_known },
	{ "workers with a request are busy", workers_with_a_request_are_busy },
	{ "durations are counted by add-on", durations_are_counted_by_add_on },
	{ "calls of the marketplace are counted by add-on",
	  calls_of_the_marketplace_are_counted_by_add_on },
	{ "add-ons are counted one by one", add_ons_are_counted_one_by_one },
	{ "a reader counts nothing", a_reader_counts_nothing },
	{ "a failed write is known until one works",
	  a_failed_write_is_known_until_one_works },
	{ "the text is as Prometheus reads it",
	  the_text_is_as_prometheus_reads_it },
	{ "promtool has no objection", promtool_has_no_objection },
	{ "nothing counted is a text too", nothing_counted_is_a_text_too },
};

int main(void)
{
	UNIT_ROWS(layouts, file_is_left_alone);
	UNIT_ROWS(edges, edge_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("metrics");
}
