#!/usr/bin/perl
# provisor hook test calls a listener.so, which gets and returns what a hook does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use JSON::PP ();
use Test::More;

use Provisor::HookTestCommand;
use Provisor::Files 'write_text';
use Provisor::Test;

my $headers = $host->home . '/include';
make_path("$headers/provisor");
symlink "$FindBin::Bin/../../lib/listener/provisor_listener.h", "$headers/provisor/listener.h" or die "$!\n";

# Return a home with a listener.so that is built from source.
sub library {
	my ($source, %more) = @_;
	my $addon = addon($host, 'hook-' . ++$homes, template => undef, %more);
	my $home = $addon->home;

	$addon->write_file('listener.c', "#include <provisor/listener.h>\n#include <stdio.h>\n"
		. "#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n#include <unistd.h>\n$source");
	system('cc', '-shared', '-fPIC', "-I$headers", '-o', "$home/listener.so",
		"$home/listener.c") == 0 or die "cc failed\n";
	chmod 0755, "$home/listener.so";
	return $home;
}

# The same, with this body of the function provision.
sub provisioning {
	my ($body, %more) = @_;

	return library(<<"C", %more);
static enum provisor_verdict provision(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	(void)call, (void)answer;
	$body
}
const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
};
C
}

subtest 'a library with and without rotate' => sub {
	my $rotating = library(<<'C');
static enum provisor_verdict rotate(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	static struct provisor_pair config[2];

	config[0] = (struct provisor_pair){ strdup(call->resource->config->name),
		call->overlap == 7200 ? "new" : "odd" };
	answer->config = config;
	return PROVISOR_DONE;
}
static enum provisor_verdict provision(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	(void)call, (void)answer;
	return PROVISOR_DONE;
}
const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
	.rotate = rotate,
};
C
	my $url = "HOOK_${homes}_URL";
	my ($output, $errors, $ended) = test_hook($rotating, 'rotate', '--config', "$url=old", '--reveal');

	is($ended, 0, 'the test succeeds') || diag $output . $errors;
	like($output, qr/^config +$url=new$/m, 'with new credentials');
	($output) = test_hook(provisioning('return PROVISOR_DONE;'), 'rotate');
	like($output, qr/^verdict +refused\nmessage +The credentials of this add-on cannot be rotated\.\nthen +provisor would leave the config vars as they are$/m,
		'where it cannot, it is refused');
	($output) = test_hook(home_with('exit 1'), 'rotate');
	like($output, qr/^verdict +refused\nmessage +The credentials/m, 'as without the hook');
};

subtest 'a library gets what a hook gets' => sub {
	my $home = provisioning(<<'C');
	FILE *told = fopen("told", "w");
	const struct provisor_resource *r = call->resource;
	static struct provisor_pair config[3];

	fprintf(told, "%s %s %s %s %s %s %s\n", r->id, r->uuid, r->marketplace,
		r->plan, r->region, r->name ? r->name : "-", call->user ? "user" : "-");
	for (const struct provisor_pair *p = r->options; p->name; p++)
		fprintf(told, "%s=%s\n", p->name, p->value);
	fprintf(told, "%s %d %d\n", call->key, call->attempt,
		call->seconds > 0 && call->deadline > time(NULL));
	fprintf(told, "%s\n", getcwd(malloc(4096), 4096));
	fclose(told);
	puts("noise in the standard output");
	fflush(stdout);
	write(1, "noise\n", 6);
	config[0] = (struct provisor_pair){ getenv("HOME")[0] ? "PREFIX_URL" : "", "https://x" };
	answer->config = config;
	answer->message = "Well \"made\".";
	answer->id = "db-1";
	return PROVISOR_DONE;
C
	my $prefix = "HOOK_$homes";
	my $source = text_of("$home/listener.c") =~ s/PREFIX/$prefix/r;
	open my $file, '>', "$home/listener.c";
	print $file $source;
	close $file;
	system('cc', '-shared', '-fPIC', "-I$headers", '-o', "$home/listener.so", "$home/listener.c");
	my $id = uuid();
	my ($output, $errors, $ended) = test_hook($home, qw(provision --plan big --region eu --option a=b --id), $id);

	is($ended, 0, 'the test succeeds');
	like($output, qr/^id +db-1\nconfig +${prefix}_URL=.*^message +Well "made"\.$/ms, 'its answer is read');
	is(text_of("$home/told"), "$id $id heroku big eu - -\na=b\nprovision:$id 1 1\n$home\n", 'it got the whole call');
	like($errors, qr/msg="noise in the.*msg=noise/s, 'its outputs are logged');
	is((test_hook($home, 'deprovision'))[2], 0, 'a deprovision without a function is done');
	like((test_hook($home, 'change-plan'))[0], qr/refused.*cannot be changed/s, '... a change-plan is refused');
};

subtest 'a library gets the platform, as a hook does' => sub {
	my $secret = $host->home . '/client-secret';

	write_text($secret, "the-client-secret\n");
	for (['true', JSON::PP::true(), qr{https://\S+ HRKU-\S{36} 1}], ['false', JSON::PP::false(), qr/none/]) {
		my ($name, $platform, $told) = @$_;
		my $home = provisioning(<<'C', settings => { client_secret_file => $secret, platform => $platform });
	const struct provisor_platform *p = call->platform;
	FILE *told = fopen("told", "w");

	if (p)
		fprintf(told, "%s %s %d\n", p->url, p->access_token, p->expires_at > time(NULL) + 600);
	else
		fprintf(told, "none\n");
	fclose(told);
	return PROVISOR_DONE;
C
		is((test_hook($home))[2], 0, "the test succeeds with \"platform\": $name");
		like(text_of("$home/told"), qr/\A$told\n\z/, '... and the library got what it should');
	}
};

my @libraries = (
	# name                         body                                                                 verdict    output
	[ 'a refusal',                  'answer->message = "No."; return PROVISOR_REFUSED;',                  'refused', qr/No\./ ],
	[ 'not ready',                  'answer->retry_after = 30; return PROVISOR_PENDING;',                 'pending', qr/^retry after +30 s\n/m ],
	[ 'not ready, without a time',  'return PROVISOR_PENDING;',                                          'pending', qr/^verdict +pending\nthen /m ],
	[ 'a failure',                  'answer->retry_after = 30; return PROVISOR_FAILED;',                  'failed',  qr/exit status 1/ ],
	[ 'a failure for good',         'return PROVISOR_FAILED_FOR_GOOD;',                                   'failed for good', qr/70/ ],
	[ 'no verdict',                 'return 17;',                                                         'failed',  qr/exit status 1/ ],
	[ 'a text that is not UTF-8',   'answer->message = "\xff"; return PROVISOR_DONE;',                    'failed',  qr/UTF-8/ ],
	[ 'an abort',                   'abort();',                                                           'failed',  qr/signal 6/ ],
	[ 'a crash',                    'raise(11); *(volatile int *)0 = 0; return 0;',                       'failed',  qr/signal 11|ended the process/ ],
	[ 'an end by exit',             'exit(0);',                                                           'failed',  qr/ended the process, with exit status 0: have it return/ ],
	[ 'no end',                     'for (;;) pause();',                                                  'failed',  qr/took too long/, '--seconds', 1 ],
	[ 'a name twice',               'static const struct provisor_pair twice[] = { { "A", "1" }, { "A", "2" }, { 0 } }; answer->config = twice; return PROVISOR_DONE;', 'failed', qr/exit status 1/ ],
);

for (@libraries) {
	my ($name, $body, $verdict, $told, @arguments) = @$_;

	subtest "a library: $name" => sub {
		my $home = provisioning($body =~ s/raise\(11\)/(void)0/r);
		my ($output, undef, $ended) = test_hook($home, 'provision', @arguments);

		like($output, qr/^verdict +\Q$verdict\E$/m, $verdict);
		like($output, $told, 'the output explains it');
		is($ended, 1, 'the exit status agrees');
		has_no_processes($home, 'no process is left');
	};
}

my $struct = 'const struct provisor_listener provisor_listener =';
my @unusable = (
	# name                      source                                                                what is wrong
	[ 'another version',         "$struct { .version = 99 };",                                         qr/has version 99, and this provisor knows versions up to 2: build it again/ ],
	[ 'no provision',            "$struct { .version = 1 };",                                          qr/its provision is NULL/ ],
	[ 'no symbol',               'int other;',                                                         qr/does not define provisor_listener/ ],
	[ 'a missing function',      "extern provisor_function f; $struct { .version = 1, .provision = f };", qr/cannot be loaded \(.*undefined symbol: f\): build it again/ ],
	[ 'an abort while loading',  "__attribute__((constructor)) static void die(void) { abort(); } $struct { .version = 1 };", qr/ends the process that loads it/ ],
	[ 'an exit while loading',   "__attribute__((constructor)) static void die(void) { exit(0); } $struct { .version = 1 };", qr/ends the process that loads it/ ],
	[ 'no end of loading',       "__attribute__((constructor)) static void die(void) { for (;;) pause(); } $struct { .version = 1 };", qr/takes more than 2 s to load/ ],
);

for (@unusable) {
	my ($name, $source, $words) = @$_;
	my $home = library($source);
	my ($output, $errors, $ended) = test_hook($home);

	like($errors, qr{^provisor: \Q$home\E/listener\.so: .*$words}m, "a library: $name: the error");
	is($output, '', '... is not called');
	has_no_processes($home, '... leaves no process');
}

subtest 'a file that is not a library, or that others can change' => sub {
	my $home = addon($host, 'hook-' . ++$homes, template => undef,
		files => { 'listener.so' => "\x7fELF" })->home;

	like((test_hook($home))[1], qr{listener\.so: cannot be loaded \(.*too short}, 'the error');
	mode($home, 0775, 'listener.so');
	my ($output, $errors) = test_hook($home);
	like($errors, qr{listener\.so: users other .*: chmod go-w}, 'the other error');
	unlike($errors, qr/loaded/, 'it is not loaded');
};

done_testing;
