#!/usr/bin/perl
# make run, as somebody meets it who has just cloned the repository.
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

# What the text tells us to type, in order.
sub requests {
	my ($text) = @_;
	return $text =~ /^  (curl .+)$/mg;
}

# Status and decoded body of such a request.
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

# A file of .run that is not what it should be.
sub spoil {
	my ($name) = @_;
	my $path = $clone->folder . "/.run/$name";
	open my $file, '>', $path or die "$path: $!\n";
	print $file "nonsense\n";
	close $file;
	return $path;
}

my $make = $clone->running("PORT=$port");
like($make->text, qr/^\Q$ready\E/m, 'the address is said once it is ready');

subtest 'the printed requests work as they stand' => sub {
	my ($provision, $change, $deprovision) = requests($make->text);
	my ($status, $first) = answer_to($provision);
	is($status, 200, 'provision');
	like($first->{config}{DEMO_URL}, qr{\Ahttps://}, '... gives a URL');
	is_deeply([answer_to($provision)], [200, $first], 'again, the same');
	is((answer_to($change))[0], 200, 'plan change');
	is((answer_to($deprovision))[0], 204, 'deprovision');
};

ok($make->read_until(qr/method=DELETE/), 'the log is followed');

subtest 'the printed page signs on to what was provisioned' => sub {
	my ($page) = $make->text =~ m{^  (/.+/sign-on\.html)$}m;
	my $uuid = '01234567-89ab-cdef-0123-456789abcdef';
	my ($provision) = requests($make->text);
	my $browser = Provisor::Chromium->new;
	is((stat $page)[2] & 07777, 0600, 'nobody else can read its salt');
	answer_to($provision =~ s/"uuid":"[^"]+"/"uuid":"$uuid"/r);
	$browser->open("file://$page");
	$browser->value("document.forms[0].elements.resource_id.value = '$uuid'");
	is($browser->go('document.querySelector("button").click()'), 200, 'a click');
	is($browser->value('location.pathname'), '/dashboard', '... leads in');
	like($browser->text, qr/jane\@example\.com.*\Q$uuid\E/s, '... to it');
};

subtest 'the printed command answers' => sub {
	my ($command) = $make->text =~ m{^  (build/release/provisor .+)$}m;
	my $folder = $clone->folder;
	like(qx(cd $folder && $command), qr/ demo .* provisioned /, 'with what there is');
};

is(scalar $clone->pids_of(qr{\A\S+/provisor-jobs }), 1,
	'what is left to do has its process');

subtest 'a second one leaves it to the first' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	is($text, $ready, 'it says where');
	is($status, 0, '... and ends well');
};

subtest 'a second one on another port does, too' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', 'PORT=1025');
	like($text, qr/^\Q$ready\E/m, 'it says where the first is');
	like($text, qr/make stop/, '... and how to move it');
	is($status, 0, '... and ends well');
};

subtest 'a port that is taken is refused' => sub {
	my $other = Clone->new;
	my ($text, $status) = $other->make_to_the_end('run', "PORT=$port");
	like($text, qr/port $port is in use by nginx \(pid \d+\)/, 'by whom');
	isnt($status, 0, 'it fails');
	ok($other->falls_silent, '... and leaves nothing running');
};

subtest 'a port that is none is refused' => sub {
	my ($text, $status) = $clone->make_to_the_end('run', 'PORT=http');
	like($text, qr/PORT=http/, 'it is named');
	isnt($status, 0, 'it fails');
};

subtest 'make stop ends it from elsewhere' => sub {
	my ($text, $status) = $clone->make_to_the_end('stop');
	is($text, "provisor is stopped\n", 'it says so');
	is($status, 0, '... and ends well');
	is($make->end, 0, 'make run ends well, too');
	ok($clone->falls_silent, 'nothing is left running');
	is(($clone->make_to_the_end('stop'))[1], 0, 'there can be nothing to stop');
};

subtest 'another port changes the addresses and nothing else' => sub {
	my %before = map { $_ => manifest($_) } qw(demo demo-legacy);
	my $moved = Clone::free_port();
	my $again = $clone->running("PORT=$moved");
	for my $name (sort keys %before) {
		is(manifest($name), $before{$name} =~ s/:$port\b/:$moved/gr, $name);
	}
	my ($provision) = requests($again->text);
	is((answer_to($provision))[0], 200, 'they are served there');
	$again->signal('TERM');
	$again->end;
};

subtest 'a part that cannot start is told with its log' => sub {
	my $file = spoil('nginx/certificate.key');
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	like($text, qr/nginx exited during startup/, 'which it is');
	like($text, qr/\[emerg\].*certificate\.key/, 'why');
	isnt($status, 0, 'it fails');
	ok($clone->falls_silent, '... and leaves nothing running');
	unlink $file;
};

subtest 'workers that cannot start are told with their log' => sub {
	my $file = spoil('keys');
	my ($text, $status) = $clone->make_to_the_end('run', "PORT=$port");
	like($text, qr/last lines of \S+worker\.log/, 'where it stands');
	like($text, qr/\Q$file\E: line 1/, 'why');
	isnt($status, 0, 'it fails');
	ok($clone->falls_silent, '... and leaves nothing running');
};

subtest 'make run-clean forgets everything' => sub {
	is(($clone->make_to_the_end('run-clean'))[1], 0, 'it ends well');
	ok(!-e $clone->folder . '/.run', 'the folder is gone');
	is_deeply([$clone->bases], [], 'so is the one beside it');
	my $again = $clone->running("PORT=$port");
	is((answer_to((requests($again->text))[0]))[0], 200, 'a new one serves');
	($clone->make_to_the_end('run-clean'));
	is($again->end, 0, 'it stops what runs');
	ok($clone->falls_silent, '... all of it');
};

done_testing;
