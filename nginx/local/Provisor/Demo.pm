package Provisor::Demo;

# Two demo add-ons, one for each version of Heroku's API.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Provisor::Files qw(own_folder random_hex read_text write_text);

my %manifest = (
	'demo' => <<'JSON',
{
  "id": "demo",
  "name": "Demo",
  "api": {
    "version": "3",
    "config_vars_prefix": "DEMO",
    "config_vars": ["DEMO_URL", "DEMO_TOKEN"],
    "password": "@PASSWORD@",
    "sso_salt": "@SALT@",
    "regions": ["us", "eu"],
    "requires": [],
    "production": {
      "base_url": "@URL@/heroku/resources",
      "sso_url": "@URL@/sso/login"
    }
  }
}
JSON
	'demo-legacy' => <<'JSON',
{
  "id": "demo-legacy",
  "name": "Demo Legacy",
  "api": {
    "config_vars_prefix": "DEMO_LEGACY",
    "config_vars": ["DEMO_LEGACY_URL"],
    "password": "@PASSWORD@",
    "sso_salt": "@SALT@",
    "regions": ["us"],
    "requires": [],
    "production": {
      "base_url": "@URL@/heroku/resources",
      "sso_url": "@URL@/sso/login"
    },
    "test": {
      "base_url": "@URL@/heroku/resources",
      "sso_url": "@URL@/sso/login"
    }
  }
}
JSON
);

my %template = (
	'demo' => <<'JSON',
{
  "config": {
    "DEMO_URL": "https://${id}:${secret:password}@demo.example/${plan}",
    "DEMO_TOKEN": "${secret:token}"
  },
  "message": "Your demo is ready.",
  "plan_message": "Your demo is on the ${plan} plan now."
}
JSON
	'demo-legacy' => <<'JSON',
{
  "config": {
    "DEMO_LEGACY_URL": "https://${id}:${secret:password}@demo.example/${plan}"
  },
  "message": "Your demo is ready."
}
JSON
);

# A create or change to another plan is refused.  kensa sends some of its own to the old
# version.
my %settings = (
	'demo' => <<'JSON',
{
  "plans": {"basic": {}, "premium": {}}
}
JSON
);

# The user may have edited an existing home: only the URLs in its manifest are
# updated.
sub write_homes {
	my ($folder, $url) = @_;
	for my $name (sort keys %manifest) {
		my $home = "$folder/$name";
		-e $home ? _move_home($home, $url) : _make_home($home, $name, $url);
	}
}

# The manifest of an add-on, as pushed to Heroku.
sub manifest {
	my ($folder, $name) = @_;
	return decode_json(read_text("$folder/$name/addon-manifest.json"));
}

# The home gets its name last, so that it is always complete.
sub _make_home {
	my ($home, $name, $url) = @_;
	my %value = (URL => $url, PASSWORD => random_hex(16), SALT => random_hex(16));
	my $new = "$home.new";
	own_folder($new, 0700);
	write_text("$new/addon-manifest.json",
		$manifest{$name} =~ s/\@([A-Z]+)\@/$value{$1}/gr);
	write_text("$new/template.json", $template{$name});
	write_text("$new/settings.json", $settings{$name}) if $settings{$name};
	rename $new, $home or die "$home: $!\n";
}

sub _move_home {
	my ($home, $url) = @_;
	my $path = "$home/addon-manifest.json";
	my $text = read_text($path) // return;
	my $moved = $text =~ s{https://localhost:\d+(?=/)}{$url}gr;
	write_text($path, $moved) if $moved ne $text;
}

1;
