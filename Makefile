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
DEBS := minifw minifw-dkms
BUILD_DEPENDS := dpkg-dev debhelper dh-dkms gcc pkgconf libjansson-dev libkmod-dev libncurses-dev libpcap-dev

# Where install-program puts what systemd and udev read.
UNITDIR ?= /usr/lib/systemd/system
UDEVDIR ?= /usr/lib/udev/rules.d
# Where install-dkms puts what is to run after DKMS when a kernel was installed.
HOOK ?= /etc/kernel/postinst.d/zz-minifw

# A release's date is that of the last commit; where there is no git, that of the tarball.
DIST := minifw-$(VERSION)
EPOCH := $(shell { [ -e .git ] && git log -1 --format=%ct 2>/dev/null; } || stat -c %Y src/VERSION)

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
APT_INSTALL := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install

.PHONY: all tool install install-program install-dkms deb dist rpm builddeps demo check check-debug check-debian bench lint clean help

all: ## build the module for the running kernel, or for KVER=
	$(KBUILD) modules

install: all ## install the built module into /lib/modules/KVER
	$(KBUILD) modules_install
	depmod $(KVER)

tool: ## build the program minifw into build/tool/
	$(MAKE) -C tool

install-program: tool ## install the program and its service, below DESTDIR=
	install -D -m 755 $(BUILD)/tool/minifw $(DESTDIR)/usr/sbin/minifw
	install -d $(DESTDIR)/usr/share/bash-completion/completions
	$(BUILD)/tool/minifw completion bash >$(DESTDIR)/usr/share/bash-completion/completions/minifw
	install -D -m 755 -t $(DESTDIR)/usr/lib/minifw boot/service
	install -D -m 644 -t $(DESTDIR)$(UNITDIR) boot/minifw.service
	install -D -m 644 -t $(DESTDIR)$(UDEVDIR) boot/60-minifw.rules
	install -D -m 644 -t $(DESTDIR)/etc/minifw boot/minifw.conf
	install -D -m 644 boot/default $(DESTDIR)/etc/default/minifw

install-dkms: ## install the module's source for DKMS, below DESTDIR=
	install -d $(DESTDIR)/usr/src/minifw-$(VERSION)
	cp -r --no-preserve=mode,ownership src/* dkms.conf $(DESTDIR)/usr/src/minifw-$(VERSION)
	install -D -m 644 -t $(DESTDIR)/usr/lib/minifw boot/kernels.sh
	install -D -m 755 boot/kernel-hook $(DESTDIR)$(HOOK)
	install -D -m 644 -t $(DESTDIR)/etc/modprobe.d boot/modprobe.d/minifw.conf
	install -D -m 644 -t $(DESTDIR)/usr/lib/modules-load.d boot/modules-load.d/minifw.conf

# The packages are built from a copy, so that neither a developer's object files get into it nor
# debhelper's working files into the tree. No git is needed: a release tarball has none.
deb: builddeps ## build the Debian packages (and their source package) into build/
	@mkdir -p $(BUILD)
	@stage=$$(mktemp -d $(BUILD)/deb.XXXXXX) && trap 'rm -rf "$$stage"' EXIT && \
	mkdir "$$stage/minifw" && \
	tar -c --exclude-vcs --exclude-vcs-ignores --exclude=./build . | tar -x -C "$$stage/minifw" && \
	cd "$$stage/minifw" && \
	{ dpkg-buildpackage --no-sign --ignore-builtin-builddeps >../build.log 2>&1 || \
		{ cat ../build.log; exit 1; }; } && \
	mv ../minifw*_* $(BUILD)
	@cd $(BUILD) && ls -d $(DEBS:%=%_$(VERSION)_*.deb)

dist: ## make the source tarball, the same each time, in build/
	@mkdir -p $(BUILD)
	@tar -c --sort=name --mtime=@$(EPOCH) --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r,go-w \
		--exclude=./.git --exclude=./build --exclude-vcs-ignores \
		--transform='flags=r;s,^\.,$(DIST),' . | xz -T1 >$(BUILD)/$(DIST).tar.xz
	@echo build/$(DIST).tar.xz

# Debian's rpm knows no packages that are installed. A source RPM has the name of the folder that it
# was made in, and the others have its checksum: the same each time, in the same place.
rpm: builddeps dist ## build the RPM packages into build/
	@command -v rpmbuild >/dev/null || $(APT_INSTALL) rpm
	@rm -rf $(BUILD)/rpm && trap 'rm -rf $(BUILD)/rpm' EXIT && mkdir $(BUILD)/rpm && \
	{ rpmbuild -ba $(if $(wildcard /etc/debian_version),--nodeps) -D "_topdir $(BUILD)/rpm" \
		-D "_sourcedir $(BUILD)" rpm/minifw.spec >$(BUILD)/rpm/log 2>&1 || \
		{ cat $(BUILD)/rpm/log; exit 1; }; } && \
	mv $(BUILD)/rpm/RPMS/*/*.rpm $(BUILD)/rpm/SRPMS/*.rpm $(BUILD)
	@cd $(BUILD) && ls minifw*-$(VERSION)-*.rpm

builddeps:
	@dpkg-checkbuilddeps -I 2>/dev/null || \
		{ $(SUDO) apt-get -q update && $(APT_INSTALL) $(BUILD_DEPENDS); }

demo: ## see it work: a real kernel in a virtual machine, two network namespaces, ssh
	tests/demo

check: ## every test, on the kernels KERNELS= (default: 6.1 and 6.12)
	tests/run $(if $(KERNELS),--kernels "$(KERNELS)")

check-debug: ## every test in a guest with KASAN, lockdep, kmemleak and friends
	tests/run --debug

check-debian: ## piuparts and autopkgtest: the packages in a bare Debian 12 (some minutes)
	tests/packaging/debian

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
