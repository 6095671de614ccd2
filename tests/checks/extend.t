#!/usr/bin/perl
# The steps of "How to add" in lib/README.md work: they are done in a copy of the
# tree, the copy is built, and its programs have what was added.  layers.t adds a
# marketplace.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::ScratchCopy;
use Provisor::Test;

my $copy = Provisor::ScratchCopy->new;

# Inserts text before the first line that matches.
sub insert {
	my ($path, $before, $text) = @_;
	my $file = $copy->folder . "/$path";

	open my $old, '<', $file or die "$path: $!\n";
	my @lines = <$old>;
	my ($place) = grep { $lines[$_] =~ $before } 0 .. $#lines;
	die "$path has no line like $before\n" unless defined $place;
	splice @lines, $place, 0, $text;
	$copy->write($path, join '', @lines);
	return;
}

# --- a setting ----------------------------------------------------------------

insert('lib/settings/settings.h', qr/^\tint api_workers;/,
	"\tconst char *support_url;\n");
insert('lib/settings/settings.c', qr/^\t\{ "PROVISOR_API_WORKERS"/,
	qq(\t{ "PROVISOR_SUPPORT_URL", MEMBER(support_url), read_base_url, "https://support.example", )
	. qq("a URL", "where operators get help" },\n));

insert('nginx/host/man/provisor.env.5', qr/^\@SETTING PROVISOR_API_WORKERS\@/,
	"\@SETTING PROVISOR_SUPPORT_URL\@\n");

# --- a migration --------------------------------------------------------------

my ($last) = reverse sort map { m{/(\d{4})_} } glob $copy->folder . '/migrations/[0-9]*.sql';
my $migration = sprintf '%04d_remarks', $last + 1;

$copy->write("migrations/$migration.sql",
	"CREATE TABLE remarks (resource uuid PRIMARY KEY REFERENCES resources, text text NOT NULL);\n"
	. "GRANT SELECT ON remarks TO provisor_worker;\n");

# --- a statement and a command ------------------------------------------------

$copy->write('lib/store/remark_count.sql', <<'SQL');
-- Count the remarks about resources.  Returns one row.
SELECT count(*) FROM remarks
SQL
$copy->write('cgi/cli/remarks.c', <<'C');
/*
 * remarks.c - provisor remarks: print the number of remarks.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>

#include "cgi/cli/cli.h"
#include "lib/db/db.h"

extern const struct db_statement remark_count_sql;

int cli_remarks(const struct cli *cli)
{
	struct db *db = db_open(cli->settings.database);
	const struct db_rows *rows;
	enum outcome outcome =
		db_run(db, cli->arena, &remark_count_sql, NULL, &rows);

	db_close(db);
	if (outcome != OUTCOME_OK)
		return cli_fail("remarks: the database does not answer");
	printf("%s remarks; help: %s\n", db_text(rows, 0, 0),
	       cli->settings.support_url);
	return CLI_OK;
}
C
insert('cgi/cli/commands.h', qr/^int cli_addons_list/, "int cli_remarks(const struct cli *cli);\n");
insert('cgi/cli/commands.c', qr/\{ \.name = "reload"/, <<'C');
	{ .name = "remarks",
	  .run = cli_remarks, .needs_settings = true,
	  .meaning = "print the number of remarks" },
C

insert('nginx/host/man/provisor.1', qr/^\@COMMAND reload\@/, "\@COMMAND remarks\@\n");

# --- a job kind ---------------------------------------------------------------

insert('lib/store/job_kind.h', qr/^\tJOB_KINDS/, "\tJOB_REMARK,\n");
insert('lib/store/job_kind.c', qr/^\t\[JOB_PROVISION\] = /, <<'C');
	[JOB_REMARK] = {
		"remark", JOB_LANE_LISTENER, PROVISIONED, JOB_ALWAYS,
		"A remark is written to the log of provisor-jobs.",
		"The log lacks a remark." },
C
$copy->write('lib/jobs/remark_job.c', <<'C');
/*
 * remark_job.c - writes a remark about a resource to the log.
 */
#include "lib/base/log.h"
#include "lib/jobs/handlers.h"
#include "lib/store/resource.h"

enum outcome remark_job(struct job_run *run)
{
	log_info("a remark about %s", run->resource->id);
	return job_run_finish(run, "remarked");
}
C
insert('lib/jobs/handlers.h', qr/^#endif/, "MUST_CHECK enum outcome remark_job(struct job_run *run);\n\n");
insert('lib/jobs/job_run.c', qr/^\t\[JOB_PROVISION\] = /, "\t[JOB_REMARK] = { remark_job, NULL },\n");

# --- all of it ----------------------------------------------------------------

is($copy->make('all', 'manual'), '', 'the copy builds without a warning');
is($copy->run('tests/layers'), '', 'its layers are in order');

my $build = $copy->folder . '/build/release';
my $host = Provisor::Host->new(build => $build, workers => { api => 1, web => 1, jobs => 1 });
my $addon = addon($host, 'fast-db');
my $id = uuid();

sub provisor {
	my ($environment, @arguments) = @_;
	my ($output, $errors, $ended) = run(program => [ "$build/provisor", @arguments ],
		environment => $environment);

	return ($output . $errors, $ended >> 8);
}

$host->start_postgres;

subtest 'a migration' => sub {
	like((provisor($host->owner_env, qw(migrate --dry-run)))[0], qr/^\Q$migration\E$/m,
		'provisor migrate lists it');
	$host->migrate;
	is((provisor($host->owner_env, 'migrate'))[1], 0, 'provisor migrate applies it');
	is(count_of($host, 'remarks'), 0, 'the database has its table');
};

subtest 'a setting' => sub {
	like((provisor({}, 'settings'))[0], qr{^PROVISOR_SUPPORT_URL +https://support\.example +where operators get help$}m,
		'provisor settings explains it');
	my ($output, $status) = provisor({ %{ $host->env }, PROVISOR_SUPPORT_URL => 'none' }, qw(resources list));
	like($output, qr/PROVISOR_SUPPORT_URL: "none" .*a URL/, 'a wrong value is an error');
	is($status, 1, '... and the command fails');
};

subtest 'a statement and a command' => sub {
	$host->start_pool('api');
	$addon->provision(uuid => $id);
	$host->psql("INSERT INTO remarks VALUES ('$id', 'a remark')");
	is((provisor({ %{ $host->env }, PROVISOR_SUPPORT_URL => 'https://desk.example' }, 'remarks'))[0],
		"1 remarks; help: https://desk.example\n", 'the command prints the result of the statement');
	like((provisor({}, 'help'))[0], qr/^ *remarks +print the number of remarks$/m, 'provisor help lists it');
	like((provisor({}, qw(completion bash)))[0], qr/\bremarks\b/, 'bash completes it');
	is(system('grep', '-q', 'remarks', "$build/man/provisor.1"), 0, 'the manual explains it');
};

subtest 'a job kind' => sub {
	$host->start_jobs;
	$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES ('remark', 'listener', '$id')");
	my $list = (provisor({ %{ $host->env } }, qw(jobs list --kind remark)))[0];
	ok(wait_for(20, sub { row($host, "jobs WHERE kind = 'remark'")->{finished_at} }), 'provisor-jobs carries it out');
	like($host->log('worker'), qr/a remark about $id/, '... with its function');
	unlike($list, qr/is not a kind/, 'the commands know its name');
};

done_testing;
