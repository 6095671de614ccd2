package Provisor::Chromium;

# Chromium without a window.  It is controlled through its debugging pipe: JSON
# messages, each followed by a zero byte, on its descriptors 3 and 4.
#
#	my $browser = Provisor::Chromium->new;
#	$browser->open('https://localhost:8443/');
#	is($browser->value('document.title'), 'My page');
#
# With blocks_third_party_cookies => 1, pages in frames of another site can store
# only partitioned cookies.
#
# All names that end in .test are this host.  It accepts any certificate.  Its
# processes and files go when the test ends.

use strict;
use warnings;

use File::Path 'make_path';
use File::Temp 'tempdir';
use IO::Select;
use JSON::PP ();
use MIME::Base64 'decode_base64';
use POSIX ();
use Time::HiRes 'time';

use Provisor::ChildProcess;
use Provisor::Files 'write_text';
use Provisor::Test 'wait_for';

use constant PATIENCE => 60; # seconds

my $json = JSON::PP->new->utf8;

sub new {
	my ($class, %options) = @_;
	my $self = bless {
		options => \%options,
		folder => tempdir('provisor-browser-XXXXXX', TMPDIR => 1, CLEANUP => 1),
		last => 0,
		input => '',
	}, $class;

	$self->_start;
	my $target = $self->_ask('Target.createTarget', url => 'about:blank')->{targetId};
	$self->{session} = $self->_ask('Target.attachToTarget', targetId => $target,
		flatten => JSON::PP::true)->{sessionId};
	return $self;
}

# What a person chooses in chrome://settings/cookies.
sub _write_preferences {
	my ($self) = @_;

	make_path("$self->{folder}/profile/Default");
	write_text("$self->{folder}/profile/Default/Preferences",
		$json->encode({ profile => { cookie_controls_mode => 1 } }));
	return;
}

# Chromium's children end when the pipe is closed.
sub _start {
	my ($self) = @_;

	$self->_write_preferences if $self->{options}{blocks_third_party_cookies};
	pipe my $requests, my $to or die "pipe: $!\n";
	pipe my $from, my $answers or die "pipe: $!\n";
	$self->{child} = Provisor::ChildProcess->start(sub {
		# First to numbers above those that it expects.
		my @ends = map { POSIX::dup2($_, 20 + $_) && 20 + $_ } fileno $requests, fileno $answers;
		POSIX::dup2($ends[$_], 3 + $_) for 0 .. 1;
		open STDOUT, '>', "$self->{folder}/log";
		open STDERR, '>&', \*STDOUT;
		exec 'chromium', '--headless=new', '--remote-debugging-pipe',
			'--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
			'--no-first-run', '--disable-extensions', '--disable-sync',
			'--disable-background-networking', '--disable-component-update',
			'--host-resolver-rules=MAP *.test 127.0.0.1',
			'--no-proxy-server', '--hide-scrollbars', '--ignore-certificate-errors',
			"--user-data-dir=$self->{folder}/profile", 'about:blank'
			or die "chromium: $!\n";
	});
	close $requests;
	close $answers;
	$to->autoflush;
	@$self{qw(to from)} = ($to, $from);
	# Killed, it would leave children for a while, which write into the folder.
	Provisor::ChildProcess::at_the_end(sub {
		eval { $self->_ask('Browser.close') };
		$self->{child}->finish;
	});
	return;
}

# --- the protocol -----------------------------------------------------------

# The next message; dies if none comes within PATIENCE.
sub _message {
	my ($self) = @_;
	my $select = IO::Select->new($self->{from});
	my $end = time + PATIENCE;

	until ($self->{input} =~ /\0/) {
		die "chromium does not respond\n" if time > $end || !$select->can_read(PATIENCE);
		sysread $self->{from}, $self->{input}, 65_536, length $self->{input}
			or die "chromium has ended\n";
	}
	my ($message, $rest) = split /\0/, $self->{input}, 2;
	$self->{input} = $rest;
	return $json->decode($message);
}

sub _ask {
	my ($self, $method, %parameters) = @_;
	my $id = ++$self->{last};

	print { $self->{to} } $json->encode({
		id => $id,
		method => $method,
		params => \%parameters,
		defined $self->{session} ? (sessionId => $self->{session}) : (),
	}), "\0";
	while (1) {
		my $message = $self->_message;

		if (($message->{id} // 0) == $id) {
			die "$method: $message->{error}{message}\n" if $message->{error};
			return $message->{result};
		}
	}
}

# --- actions ----------------------------------------------------------------

# Each of these returns the HTTP status of the page.
sub open {
	my ($self, $url) = @_;

	return $self->_leave(sub { $self->_ask('Page.navigate', url => $url) });
}

sub reload {
	my ($self) = @_;

	return $self->_leave(sub { $self->_ask('Page.reload') });
}

# Presses Enter, which leads to another page.
sub enter {
	my ($self) = @_;

	return $self->_leave(sub { $self->press('Enter') });
}

# Runs JavaScript that leads to another page.
sub go {
	my ($self, $script) = @_;

	return $self->_leave(sub { $self->value($script) });
}

# Calls $do for the page in the frame of another site that the current page has.
# Waits until $is_there returns true in it.
sub in_frame {
	my ($self, $is_there, $do) = @_;

	wait_for(PATIENCE, sub {
		my ($frame) = grep { $_->{type} eq 'iframe' }
			@{ $self->_ask('Target.getTargets')->{targetInfos} };

		return $frame && $self->_in_target($frame->{targetId}, $is_there);
	}) or die "chromium does not load the frame\n";
	my ($frame) = grep { $_->{type} eq 'iframe' }
		@{ $self->_ask('Target.getTargets')->{targetInfos} };
	return $self->_in_target($frame->{targetId}, $do);
}

sub _in_target {
	my ($self, $target, $do) = @_;
	local $self->{session} = $self->_ask('Target.attachToTarget', targetId => $target,
		flatten => JSON::PP::true)->{sessionId};

	return $do->();
}

# Marks the current page and waits for one without the mark.  A page that submits
# itself sets the mark too.
sub _leave {
	my ($self, $go) = @_;

	$self->value('leaves = true');
	$go->();
	wait_for(PATIENCE, sub { eval { $self->value(
		'typeof leaves === "undefined" && document.readyState === "complete"') } })
		or die "chromium does not load the page\n";
	return $self->value('performance.getEntriesByType("navigation")[0].responseStatus');
}

# The value of a JavaScript expression in the page.
sub value {
	my ($self, $expression) = @_;
	my $answer = $self->_ask('Runtime.evaluate', expression => $expression,
		returnByValue => JSON::PP::true);

	return $answer->{result}{value};
}

# The result of the promise that an expression returns.
sub value_of_promise {
	my ($self, $expression) = @_;
	my $answer = $self->_ask('Runtime.evaluate', expression => $expression,
		returnByValue => JSON::PP::true, awaitPromise => JSON::PP::true);

	die "$answer->{exceptionDetails}{exception}{description}\n" if $answer->{exceptionDetails};
	return $answer->{result}{value};
}

# Presses Tab or Enter.
sub press {
	my ($self, $key) = @_;
	my %code = (Tab => 9, Enter => 13);
	my @event = (key => $key, code => $key, windowsVirtualKeyCode => $code{$key});

	$self->_ask('Input.dispatchKeyEvent', type => 'keyDown', @event,
		$key eq 'Enter' ? (text => "\r") : ());
	$self->_ask('Input.dispatchKeyEvent', type => 'keyUp', @event);
	return;
}

sub type {
	my ($self, $text) = @_;

	$self->_ask('Input.insertText', text => $text);
	return;
}

sub text { return $_[0]->value('document.body.innerText') }

# All cookies of this host, by name.
sub cookies {
	my ($self) = @_;

	return map { ($_->{name} => $_) } @{ $self->_ask('Network.getCookies')->{cookies} };
}

# --- appearance -------------------------------------------------------------

sub set_appearance {
	my ($self, %how) = @_; # scheme => light or dark, width => pixels

	$self->_ask('Emulation.setEmulatedMedia', features =>
		[ { name => 'prefers-color-scheme', value => $how{scheme} } ]);
	$self->_ask('Emulation.setDeviceMetricsOverride', width => $how{width}, height => 900,
		deviceScaleFactor => 1, mobile => JSON::PP::false);
	return;
}

# A PNG of the whole page.
sub screenshot {
	my ($self) = @_;

	return decode_base64($self->_ask('Page.captureScreenshot',
		captureBeyondViewport => JSON::PP::true)->{data});
}

1;
