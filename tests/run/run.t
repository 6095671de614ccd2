#!/usr/bin/perl
# make run in a fresh clone: what it prints works, a second one leaves the first alone,
# and errors name their cause.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";
use Clone;
use JSON::PP qw(decode_json);
use Provisor::Chromium;
use Provisor::Process;
use Test::More;

$ENV{no_proxy} = 'localhost';

my $clone = Clone->new;
my $port = Clone::free_port();
my $ready = "provisor is ready: https://localhost:$port\n";

# The requests that the text prints, in order.
sub requests {
	my ($text) = @_;
	return $text =~ /^  (curl .+)$/mg;
}

# Sends a printed request.  Returns status and decoded body.
sub answer_to {
	my ($request) = @_;
	my $text = qx($request -s -w '\n%{http_code}');
	my ($body, $status) = $text =~ /\A(.*)\n(\d+)\z/s;
	return ($status, length $body ? decode_json($body) : undef);
}

sub manifest {
	my ($name) = @_;
	return $clone->text_of(".run/addons/heroku/$name/addon-manifest.json");
}

# Damages a file of .run and returns its path.
sub spoil {
	my ($name) = @_;
	my $path = $clone->folder . "/.run/$name";
	open my $file, '>', $path or die "$path: $!\n";
	print $file "nonsense\n";
	close $file;
	return $path;
}

my $make = $clone->running("PORT=$port", 'PROVISOR_API_WORKERS=3', 'PROVISOR_WEB_WORKERS=1');
like($make->text, qr/^\Q$ready\E/m, 'the address is printed once it is ready');

subtest 'the printed requests work' => sub {
	my ($provision, $change, $deprovision) = requests($make->text);
	my ($status, $first) = answer_to($provision);
	is($status, 200, 'the provision succeeds');
	like($first->{config}{DEMO_URL}, qr{\Ahttps://}, '... with a URL');
	is_deeply([answer_to($provision)], [200, $first], '... and its repeat gets the same');
	is((answer_to($change))[0], 200, 'the plan change succeeds');
	is((answer_to($deprovision))[0], 204, 'the deprovision succeeds');
};

ok($make->read_until(qr/method=DELETE/), 'the log is printed');

subtest 'the printed page signs on to the provisioned resource' => sub {
	my ($page) = $make->text =~ m{^  (/.+/sign-on\.html)$}m;
	my $uuid = '01234567-89ab-cdef-0123-456789abcdef';
	my ($provision) = requests($make->text);
	my $browser = Provisor::Chromium->new;
	is((stat $page)[2] & 07777, 0600, 'only the owner can read the page with its salt');
	answer_to($provision =~ s/"uuid":"[^"]+"/"uuid":"$uuid"/r);
	$browser->open("file://$page");
	$browser->value("document.forms[0].elements.resource_id.value = '$uuid'");
	is($browser->go('document.querySelector("button").click()'), 200, 'a click succeeds');
	is($browser->value('location.pathname'), '/dashboard', '... and leads to the dashboard');
	like($browser->text, qr/jane\@example\.com.*\Q$uuid\E/s, '... of the resource');
};

subtest 'the printed command works' => sub {
	my ($command) = $make->text =~ m{^  (build/release/provisor .+)$}m;
	my $folder = $clone->folder;
	like(qx(cd $folder && $command), qr/ demo .* provisioned /, 'it lists the resource');
};

subtest 'the environment has the numbers of processes' => sub {
	my ($check) = $make->text =~ m{^  (build/release/provisor .+ check .+)$}m;
	my $folder = $clone->folder;
	my $findings = qx(cd $folder && $check);
	like($findings, qr/running workers: 4 \(api 3, web 1\)/, 'as many workers run');
	like($findings, qr/nobody use the console without a password/, 'the printed command checks the console too');
	my ($text, $status) = Clone->new->make_to_the_end('run', 'PROVISOR_JOB_WORKERS=many');
	like($text, qr/PROVISOR_JOB_WORKERS: many: write a number/, 'what is not a number is named');
	isnt($status, 0, '... and refused');
};

is(scalar $clone->pids_of(qr{\A\S+/provisor-jobs }), 1,
	'one process of provisor-jobs runs');

subtest 'a second make run leaves the first alone' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	is($text, $ready, 'it prints the address of the first');
	is($status, 0, '... and succeeds');
};

subtest 'a second make run with another port leaves the first alone' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', 'PORT=1025');
	like($text, qr/^\Q$ready\E/m, 'it prints the address of the first');
	like($text, qr/make stop/, '... and how to change the port');
	is($status, 0, '... and succeeds');
};

subtest 'a port that is in use is refused' => sub {
	my $other = Clone->new;
	my ($text, $status) = $other->make_to_the_end('run', "PORT=$port");
	like($text, qr/port $port is in use by nginx \(pid \d+\)/, 'the message names the program that uses it');
	isnt($status, 0, 'it fails');
	ok($other->all_end, '... and leaves no process');
};

subtest 'a malformed port is refused' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', 'PORT=http');
	like($text, qr/PORT=http/, 'the message names it');
	isnt($status, 0, 'it fails');
};

subtest 'make stop ends make run' => sub {
	my ($text, $status) = $clone->make_to_the_end('stop');
	is($text, "provisor is stopped\n", 'it prints that');
	is($status, 0, '... and succeeds');
	is($make->end, 0, 'make run succeeds too');
	ok($clone->all_end, 'no process is left');
	is(($clone->make_to_the_end('stop'))[1], 0, 'make stop succeeds if nothing runs');
};

subtest 'another port changes only the addresses' => sub {
	my %before = map { $_ => manifest($_) } qw(demo demo-legacy);
	my $moved = Clone::free_port();
	my $again = $clone->running("PORT=$moved");
	for my $name (sort keys %before) {
		is(manifest($name), $before{$name} =~ s/:$port\b/:$moved/gr, "the manifest of $name");
	}
	my ($provision) = requests($again->text);
	is((answer_to($provision))[0], 200, 'a printed request succeeds');
	$again->signal('TERM');
	$again->end;
};

subtest 'if nginx cannot start, its log is printed' => sub {
	my $file = spoil('nginx/certificate.key');
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	like($text, qr/nginx exited during startup/, 'the message names nginx');
	like($text, qr/\[emerg\].*certificate\.key/, '... and the log has the reason');
	isnt($status, 0, 'it fails');
	ok($clone->all_end, '... and leaves no process');
	unlink $file;
};

subtest 'if workers cannot start, their log is printed' => sub {
	my $file = spoil('keys');
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	like($text, qr/last lines of \S+worker\.log/, 'the message names the log');
	like($text, qr/\Q$file\E: line 1/, '... and the log has the reason');
	isnt($status, 0, 'it fails');
	ok($clone->all_end, '... and leaves no process');
};

subtest 'make run-clean removes everything' => sub {
	is(($clone->make_to_the_end('run-clean'))[1], 0, 'it succeeds');
	ok(!-e $clone->folder . '/.run', '.run is removed');
	is_deeply([$clone->bases], [], '... and the folder with the sockets');
	my $again = $clone->running("PORT=$port");
	is((answer_to((requests($again->text))[0]))[0], 200, 'a new make run works');
	($clone->make_to_the_end('run-clean'));
	is($again->end, 0, 'make run-clean stops it');
	ok($clone->all_end, '... with all its processes');
};

done_testing;
