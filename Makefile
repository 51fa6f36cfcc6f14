# SPDX-License-Identifier: GPL-2.0
# minifw's targets, for people: what they do is in src/Kbuild, debian/ and tests/.
#
#   KVER=6.1.0-56-amd64   the kernel to build for (default: the running one)
#   KDIR=/path            its build folder (default: /lib/modules/KVER/build)
#   MINIFW_DEBUG=1        builds the self-tests in
#   KERNELS="5.10 7.3"    the kernels of make check
#   CASES="rules sets"    what make bench measures (default: all); BOOTS=1, how often (default: 3);
#   RULES=/path           a folder of rule sets that it measures as well; BARE=1, in this kernel

VERSION := $(shell cat src/VERSION)
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
KBUILD := $(MAKE) -C $(KDIR) M=$(CURDIR)/src

BUILD := $(CURDIR)/build
DEB := minifw-dkms_$(VERSION)_all.deb

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
APT_INSTALL := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install

.PHONY: all install deb builddeps demo check check-debug bench lint clean help

all: ## build the module for the running kernel, or for KVER=
	$(KBUILD) modules

install: all ## install the built module into /lib/modules/KVER
	$(KBUILD) modules_install
	depmod $(KVER)

# The package is built from a copy, so that neither a developer's object files get into it nor
# debhelper's working files into the tree. No git is needed: a release tarball has none.
deb: builddeps ## build the Debian package (and its source package) into build/
	@mkdir -p $(BUILD)
	@stage=$$(mktemp -d $(BUILD)/deb.XXXXXX) && trap 'rm -rf "$$stage"' EXIT && \
	mkdir "$$stage/minifw" && \
	tar -c --exclude-vcs --exclude-vcs-ignores --exclude=./build . | tar -x -C "$$stage/minifw" && \
	cd "$$stage/minifw" && \
	{ dpkg-buildpackage --no-sign --ignore-builtin-builddeps >../build.log 2>&1 || \
		{ cat ../build.log; exit 1; }; } && \
	mv ../minifw*_* $(BUILD)
	@echo build/$(DEB)

builddeps:
	@dpkg-checkbuilddeps -I 2>/dev/null || \
		{ $(SUDO) apt-get -q update && $(APT_INSTALL) dpkg-dev debhelper dh-dkms; }

demo: ## see it work: a real kernel in a virtual machine, two network namespaces, ssh
	tests/demo

check: ## every test, on the kernels KERNELS= (default: 6.1 and 6.12)
	tests/run $(if $(KERNELS),--kernels "$(KERNELS)")

check-debug: ## every test in a guest with KASAN, lockdep, kmemleak and friends
	tests/run --debug

bench: ## measure minifw beside nft, iptables and ipset: bench/README.md
	bench/run $(if $(CASES),--cases "$(CASES)") $(if $(BOOTS),--boots $(BOOTS)) \
		$(if $(RULES),--rules "$(RULES)") $(if $(BARE),--bare)

lint: ## static checks of the code, the scripts, the manual page and the package
	tests/lint

clean: ## remove what builds left in the tree
	rm -rf $(BUILD)
	find src \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '*.cmd' \
		-o -name modules.order -o -name Module.symvers \) -delete

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
