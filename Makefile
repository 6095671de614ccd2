# make help lists the targets.

# For the command line: make CC=clang, SANITIZE=1, WERROR=1, V=1 (print commands)
CC       ?= cc
SANITIZE ?= 0
WERROR   ?= 0
V        ?= 0
PORT     ?= 8443
T        :=
SECONDS  := 60
TARGETS  :=
SEED     := 1
RECORD   := 0
CUSTOMERS := 100
MANIFEST := .run/addons/heroku/demo/addon-manifest.json
BASE_URL :=
OPTIONS  :=

version  := 0.1.0

# Debian packages; README.md says what each is for.  make run and the targets that
# test install those of theirs that are missing.
build_packages := gcc libc6-dev pkg-config perl libpq-dev libssl-dev \
		  libfcgi-dev libcjson-dev libcurl4-openssl-dev \
		  libsmartcols-dev libmicrohttpd-dev
run_packages   := $(build_packages) nginx spawn-fcgi multiwatch postgresql \
		  openssl curl
deb_packages   := $(build_packages) build-essential debhelper nginx
unit_packages  := $(build_packages) libcmocka-dev
quick_packages := $(unit_packages) postgresql clang-format
test_packages  := $(run_packages) libcmocka-dev libio-socket-ssl-perl jq clang \
		  clang-format clang-tidy libclang-rt-dev pgbouncer prometheus \
		  chromium mandoc shellcheck universal-ctags strace valgrind \
		  wrk libfaketime php-cli python3 python3-django nodejs \
		  ruby-railties puma debhelper lintian

libraries := libpq libcrypto libcjson libcurl fcgi smartcols libmicrohttpd
warnings  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
	     -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	     -Wformat=2 -Wundef -Wvla $(if $(filter 1,$(WERROR)),-Werror)

ifeq ($(SANITIZE),1)
flavour  := sanitize
speed    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	    -fno-sanitize-recover=all
link     := -fsanitize=address,undefined
else ifeq ($(SANITIZE),fuzz)
flavour  := fuzz
speed    := -O1 -g -fno-omit-frame-pointer \
	    -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all
link     := -fsanitize=fuzzer,address,undefined
else ifeq ($(FAULTS),1)
flavour  := faults
speed    := -O1 -g
define   := -DPROVISOR_FAULTS
added     = $(build)/tests/crash/fault.o
else ifeq ($(COVERAGE),1)
flavour  := coverage
speed    := -O0 -g --coverage
link     := --coverage
added     = $(build)/tests/lib/coverage_exit.o
else ifeq ($(DEBUG),1)
flavour  := debug
speed    := -O0 -g3
else
flavour  := release
# The folder of the source is not in the programs, so that all builds are the same.
speed    := -O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fPIE \
	    -fstack-clash-protection -ffile-prefix-map=$(CURDIR)=. \
	    $(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full)
link     := -pie -Wl,-z,relro,-z,now
endif
build := build/$(flavour)

# Flags from the command line are added to these and never replace them.
# pkg-config runs only to compile, when the packages are installed.
compile = $(CC) -I. -D_GNU_SOURCE -DPROVISOR_VERSION='"$(version)"' $(define) \
	  -MMD -MP -std=c17 $(speed) $(warnings) \
	  $(shell pkg-config --cflags $(libraries)) $(CPPFLAGS) $(CFLAGS)
ldlibs  = $(shell pkg-config --libs $(libraries)) $(LDLIBS)

export LC_ALL := C.UTF-8
quiet    := $(if $(filter 1,$(V)),,@)
silent   := $(findstring s,$(firstword -$(MAKEFLAGS)))
say       = $(if $(or $(silent),$(filter 1,$(V))),,@echo '  $(1)')
parallel := $(MAKE) --no-print-directory -j$(shell nproc)

# Each cgi/main-*.c is a program; all programs share the other sources.
programs   := $(build)/provisor.fcgi $(build)/provisor-jobs \
	      $(build)/provisor-hooks $(build)/provisor
migrations := $(sort $(wildcard migrations/[0-9]*.sql))
statements := $(sort $(wildcard lib/*/*.sql))
assets     := cgi/web/style.css cgi/web/console.css $(sort $(wildcard cgi/cli/skeleton/*))
dialects   := $(sort $(basename $(notdir $(filter-out %/dialect.c,\
	      $(wildcard lib/dialect/*.c)))))
parts      := $(wildcard cgi/*/*.c lib/*/*.c)
sources    := $(wildcard cgi/*.[ch] cgi/*/*.[ch] lib/*/*.[ch] tests/unit/*.[ch] \
	      tests/integration/*.[ch] tests/fuzz/*.[ch] tests/crash/*.[ch] \
	      tests/lib/*.c tests/listeners/*/*.c)
tests      := $(patsubst %.c,$(build)/%,$(wildcard tests/unit/*.c))
helpers    := $(patsubst %.c,$(build)/%,$(wildcard tests/integration/*.c))
fuzzers    := $(patsubst %.c,$(build)/%,$(wildcard tests/fuzz/fuzz_*.c))
manuals    := $(patsubst nginx/host/%,$(build)/%,$(wildcard nginx/host/man/*.[1-8]))

.DEFAULT_GOAL := all
.PHONY: all debug run stop run-clean test quick check unit integration \
	sanitize analyze coverage bench fuzz faults soak simulate layers manual format \
	help clean install uninstall deb test-deploy compile_commands.json
# For other targets and for scripts:
.PHONY: packages unit-programs helper-programs fuzz-programs
.DELETE_ON_ERROR:

all: $(programs) $(build)/pool ## build every program

debug: ## build every program for a debugger: -O0 -g3
	@$(parallel) DEBUG=1 all
	@echo 'The programs are in build/debug.'
	@echo 'gdb --args build/debug/provisor --help   (then: break main, run, next, backtrace)'

run: ## start everything on https://localhost:PORT (default: 8443), follow the log
	@nginx/local/install $(run_packages)
	@$(parallel) all
	@exec nginx/local/run --port $(PORT)

stop: ## stop what make run started, from another terminal
	@nginx/local/run --stop

run-clean: ## stop, and remove make run's database and demo add-ons
	@nginx/local/run --clean

test: packages ## every suite of tests; tests/README.md describes them
	@exec tests/all

quick: ## layers, format, unit and four integration tests: under a minute
	@nginx/local/install $(quick_packages)
	@exec tests/all quick

check: ## one test: make check T=integration/sso [SANITIZE=1]
	@nginx/local/install $(if $(filter unit/%,$(T)),$(unit_packages),$(test_packages))
	@exec tests/check $(if $(filter 1,$(SANITIZE)),--sanitize) '$(T)'

packages:
	@nginx/local/install $(test_packages)

unit: ## the unit tests: seconds, without a database
	@nginx/local/install $(unit_packages)
	@tests/all unit

integration: all ## the workers against a private PostgreSQL and nginx
	@tests/all integration

sanitize: packages ## unit, integration and some fault tests under the sanitizers
	@tests/all sanitize-all

analyze: ## clang-tidy over every source, at full depth
	@PROVISOR_SOAK=1 tests/all analyze

coverage: packages ## share of lines that tests run, by folder: four minutes
	@exec tests/coverage

bench: packages all ## what a request costs, beside the recorded figures (RECORD=1: write them)
	@exec tests/bench/bench $(if $(filter 1,$(RECORD)),--record)

fuzz: packages ## libFuzzer, SECONDS=60 for each of TARGETS="json url" or all
	@$(parallel) SANITIZE=fuzz CC=clang fuzz-programs
	@FUZZ_SECONDS=$(SECONDS) tests/fuzz/fuzz.t $(TARGETS)

faults: packages all ## kills, overload, failovers: seconds each
	@tests/all faults

soak: packages all ## faults, attack, crash, marketplace at full length: an hour
	@$(parallel) FAULTS=1 all
	@tests/soak

# Without MANIFEST, against the demo add-on of make run.
simulate: ## play Heroku: SEED=, CUSTOMERS=, MANIFEST=, BASE_URL=, OPTIONS="--help"
	@nginx/local/install perl openssl libio-socket-ssl-perl
	@test -e '$(MANIFEST)' || { \
		echo '$(MANIFEST) is not there: make run comes first' >&2; exit 1; }
	@tests/marketplace/simulate --seed $(SEED) --customers $(CUSTOMERS) \
		--manifest '$(MANIFEST)' $(if $(BASE_URL),--base-url '$(BASE_URL)') \
		$(if $(filter .run/%,$(MANIFEST)),--ca .run/nginx/certificate.pem) \
		$(OPTIONS)

layers: all ## check that #include lines and symbols respect the folders
	@tests/layers

manual: $(manuals) ## the manual pages, for man -l build/release/man/provisor.1

compile_commands.json: ## write it, for clangd and other tools
	@: $(file >$@,[$(compile_commands)])

format: ## rewrite every source file to the house format
	$(quiet)clang-format -i $(sources) $(filter %.c,$(assets))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "%-22s %s\n", $$1, $$2 }' Makefile

clean: ## remove everything that was built
	$(quiet)rm -rf build compile_commands.json

# Where make install puts files.  Set SYSTEMDDIR to /etc if systemd does not search
# PREFIX; DESTDIR is for package builds.
PREFIX      ?= /usr/local
SYSCONFDIR  ?= /etc
SYSTEMDDIR  ?= $(PREFIX)/lib
NGINX_GROUP ?= www-data
OPS_LISTEN  ?= 127.0.0.1:918
CONSOLE_LISTEN ?= 127.0.0.1:919
IPV6        ?= $(if $(wildcard /proc/net/if_inet6),,\#)
DESTDIR     ?=
install_places = DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' IPV6='$(IPV6)' \
	SYSCONFDIR='$(SYSCONFDIR)' SYSTEMDDIR='$(SYSTEMDDIR)' \
	NGINX_GROUP='$(NGINX_GROUP)' OPS_LISTEN='$(OPS_LISTEN)' \
	CONSOLE_LISTEN='$(CONSOLE_LISTEN)'

install: all manual ## install from source: FROM SOURCE in provisor-operate(7)
	@$(install_places) nginx/host/install $(build)

uninstall: ## remove what make install installed, except configuration; refused while it runs
	@$(install_places) nginx/host/install --remove

deb: ## the Debian package, build/provisor_VERSION_ARCH.deb
	@nginx/local/install $(deb_packages)
	@MAKEFLAGS=$(silent) $(parallel) all manual
	@nginx/host/deb $(version)

test-deploy: packages ## test make install, the package and README.md's Deploy in new systems
	@nginx/local/install debootstrap
	@tests/all deploy deploy-13

unit-programs: $(tests)

# Programs that the integration tests drive.
helper-programs: $(helpers)

fuzz-programs: $(fuzzers)

$(build)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC   $<)
	$(quiet)$(compile) -c -o $@ $<

# It starts the programs in its own folder.
$(build)/pool: nginx/host/pool
	@mkdir -p $(@D)
	$(quiet)cp $< $@

# The tables of the manual pages come from the program.
$(build)/man/%: nginx/host/man/% nginx/host/fill-manual $(build)/provisor
	@mkdir -p $(@D)
	$(quiet)nginx/host/fill-manual $(build)/provisor <$< >$@

# One object of compile_commands.json for each source.  The command line is a JSON
# string, so its quotes are escaped.
compiled         = $(filter %.c,$(sources))
json_string      = "$(subst ",\",$(subst \,\\,$(1)))"
compile_command  = {"directory":$(call json_string,$(CURDIR)),"file":"$(1)","command":$(call \
		   json_string,$(compile) -c -o $(build)/$(1:.c=.o) $(1))}
compile_commands = $(subst }$(space){,}$(comma)$(newline){,$(foreach file,$(compiled),$(call \
		   compile_command,$(file))))
comma := ,
space := $() $()
define newline :=


endef

# The text in a file as lines of a C string.
quoted = sed 's/[\\"]/\\&/g; s/.*/"&\\n"/'

# Generated sources are written at every run, so that a removed file is noticed, and
# replaced only if they differ, so that nothing is compiled again.  Two runs of make
# at the same time do not disturb each other.
replace = > $@.$$$$ && { cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@; }

# The migrations are embedded: a program always agrees with its SQL files.
build/migrations.c: FORCE
	@mkdir -p $(@D)
	@{ echo '#include "lib/db/migrate.h"'; \
		echo 'const struct migration migrations[] = {'; \
		for f in $(migrations); do \
			echo "{ \"$$(basename $$f .sql)\","; \
			$(quoted) $$f; \
			echo '},'; \
		done; \
		echo '{ 0, 0 } };'; } $(replace)

# Each lib/store/NAME.sql and lib/db/NAME.sql becomes the statement NAME_sql.
build/statements.c: FORCE
	@mkdir -p $(@D)
	@awk -f lib/db/statements.awk $(statements) $(replace)

# The list of all lib/dialect/NAME.c: a new marketplace is one new file.
build/dialects.c: FORCE
	@mkdir -p $(@D)
	@{ echo '#include "lib/dialect/dialect.h"'; \
		for d in $(dialects); do \
			echo "extern const struct dialect dialect_$$d;"; done; \
		echo 'const struct dialect *const dialects[] = {'; \
		for d in $(dialects); do echo "&dialect_$$d,"; done; \
		echo '0 };'; } $(replace)

# Each asset NAME.EXT becomes the string asset_NAME_EXT.
build/assets.c: FORCE
	@mkdir -p $(@D)
	@for f in $(assets); do \
		name=asset_$$(basename $$f | tr -c 'a-z0-9\n' _); \
		echo "extern const char $$name[];"; \
		echo "const char $$name[] ="; $(quoted) $$f; echo ';'; \
	done $(replace)

FORCE:

$(build)/%.o: build/%.c
	@mkdir -p $(@D)
	$(quiet)$(compile) -Wno-overlength-strings -c -o $@ $<

$(build)/libprovisor.a: $(parts:%.c=$(build)/%.o) $(build)/migrations.o \
		$(build)/statements.o $(build)/dialects.o $(build)/assets.o $(added)
	$(quiet)rm -f $@ && $(AR) rcs $@ $^

$(build)/provisor.fcgi: $(build)/cgi/main-fcgi.o
$(build)/provisor-jobs: $(build)/cgi/main-jobs.o
$(build)/provisor-hooks: $(build)/cgi/main-hooks.o
$(build)/provisor: $(build)/cgi/main-ctl.o
$(tests) $(helpers): %: %.o
$(programs) $(tests) $(helpers): $(build)/libprovisor.a
	$(call say,LINK $@)
	$(quiet)$(CC) $(link) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) \
		$(ldlibs) $(if $(filter $(tests),$@),-lcmocka)

# Objects named here take the place of those of one name in the library.
$(fuzzers): %: %.o $(addprefix $(build)/tests/fuzz/,fuzz.o arena.o) \
		$(build)/libprovisor.a
	$(call say,LINK $@)
	$(quiet)$(CC) $(link) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(ldlibs)
$(build)/tests/fuzz/fuzz_request: $(build)/tests/fuzz/gateway.o

-include $(wildcard $(build)/*.d $(build)/cgi/*.d $(build)/cgi/*/*.d \
	$(build)/lib/*/*.d \
	$(build)/tests/unit/*.d $(build)/tests/integration/*.d \
	$(build)/tests/fuzz/*.d)
