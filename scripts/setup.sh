#!/bin/sh
# Prepares .venv: `sh scripts/setup.sh PYTHON run|dev|tools|test`. Quick when nothing changed.
#
# run      what `bptm` needs, compiled code warmed, engines copied where root needs them
# dev      and what `make check` and `make test` need
# tools    and, where the machine allows it, other eyes on the exported C: clang, cppcheck, valgrind; a Cortex-M compiler
# test     the same without the last, and a Chromium for the browser tests
#
# Plain sh, since it has to speak before there is any Python of ours. pip uses the machine's own configuration.
set -eu

python=$1
what=$2
cd "$(dirname "$0")/.."
venv=.venv
began=$(date +%s)

stop() { # One sentence: what is missing, and the line that installs it.
    echo "setup: $1" >&2
    exit 2
}

done_step() {
    printf '  done  %-34s %6s s\n' "$1" "$(($(date +%s) - step_began))"
}

begin_step() {
    step_began=$(date +%s)
    printf '  ...   %s\n' "$1"
}

check_python() {
    command -v "$python" >/dev/null 2>&1 ||
        stop "no $python here; on Debian or Ubuntu: apt-get install python3 python3-venv (or name another: make PYTHON=...)"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "$python is $("$python" -V 2>&1), and 3.11 or later is needed; name another with make PYTHON=python3.12 ..."
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "$python has no venv; on Debian or Ubuntu: apt-get install python3-venv"
    # Wheels are built for these; elsewhere pip would compile for an hour and fail.
    "$python" -c 'import platform, sys; sys.exit(platform.libc_ver()[0] != "glibc")' ||
        stop "this machine has no GNU C library, which the engines' wheels need; use Debian or Ubuntu"
}

make_venv() {
    # Its programs name its own path, so one that was moved is made anew.
    if [ -x $venv/bin/python ] && grep -qF "$(pwd)/$venv/" $venv/bin/pip 2>/dev/null; then
        return
    fi
    begin_step "virtual environment"
    rm -rf $venv
    "$python" -m venv $venv || stop "the virtual environment could not be made in $(pwd)/$venv; see the lines above"
    done_step "virtual environment"
}

install() { # install LABEL TARGET: runs pip, showing one line a package, keeping the whole log
    begin_step "$1 (first time: one to two minutes)"
    log=$venv/setup.log
    status=$venv/setup.status
    {
        $venv/bin/python -m pip install --disable-pip-version-check --no-input -c constraints.txt -e "$2" 2>&1 &&
            echo 0 >$status || echo 1 >$status
    } | tee $log | awk '
        /^ *Collecting / { n++; printf "\r        %d packages found: %-40.40s", n, $2; fflush() }
        /^Installing collected/ { printf "\r        installing %d packages%-40s\n", n, ""; fflush() }'
    if [ "$(cat $status)" != 0 ]; then
        grep -i '^ *error' $log | tail -3 >&2
        stop "pip could not install; the whole log is $(pwd)/$log"
    fi
    done_step "$1"
}

# What an installation depends on: a change in any of these installs again.
stamp_of() {
    { pwd; cat pyproject.toml constraints.txt scripts/setup.sh; $venv/bin/python -V; } | cksum
}

fresh_stamp() { # fresh_stamp NAME: true when this stage was done with what is here now
    [ -f "$venv/$1.stamp" ] && [ "$(cat "$venv/$1.stamp")" = "$(stamp_of)" ]
}

install_stage() {
    case $what in
    run) fresh_stamp dev || fresh_stamp run || { install "packages" . && stamp_of >$venv/run.stamp; } ;;
    *) fresh_stamp dev || { install "packages and tools" ".[dev]" && stamp_of >$venv/dev.stamp; } ;;
    esac
}

warm() {
    # Compiled code is cached by the content of its sources; the module itself knows whether it is fresh.
    sources=$(cat src/bptm/controller/*.py src/bptm/plant/*.py src/bptm/terms/core_*.py src/bptm/compiled/*.py | cksum)
    key="$sources ${XDG_CACHE_HOME:-${HOME:-}} $(id -u)"
    everything=
    [ "$what" = run ] || everything=everything
    if [ -f $venv/warm.stamp ] && { [ "$(cat $venv/warm.stamp)" = "$key everything" ] ||
        [ "$(cat $venv/warm.stamp)" = "$key $everything" ]; }; then
        return
    fi
    begin_step "compiled code"
    $venv/bin/python -m bptm.compiled.warm $everything >$venv/warm.log 2>&1 ||
        stop "the controller could not be compiled ($(tail -n 1 $venv/warm.log)); see $(pwd)/$venv/warm.log"
    sed 's/^/        /' $venv/warm.log
    done_step "compiled code"
    begin_step "engines"
    $venv/bin/python -m bptm.supervisor.prepare
    done_step "engines"
    echo "$key $everything" >$venv/warm.stamp
}

tools() {
    # Their tests and figures are left out where they are missing: that is said, and stops nothing.
    wanted=
    pairs="cc:gcc clang:clang cppcheck:cppcheck valgrind:valgrind nm:binutils"
    # Half a gigabyte, for the sizes of the bench alone.
    [ "$what" = test ] || pairs="$pairs arm-none-eabi-gcc:gcc-arm-none-eabi"
    for pair in $pairs; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || wanted="$wanted ${pair#*:}"
    done
    [ -n "$wanted" ] || return 0
    case $wanted in *clang*) wanted="$wanted libclang-rt-dev" ;; esac
    case $wanted in *" gcc"*) wanted="$wanted libc6-dev" ;; esac
    case $wanted in *arm-none-eabi*) wanted="$wanted libnewlib-arm-none-eabi" ;; esac
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: no$wanted here, so tests and figures of the exported C that need them are left out: sudo apt-get install$wanted" >&2
        return 0
    fi
    begin_step "tools for C, from the distribution"
    # One at a time: a distribution that lacks one still has the others.
    apt-get update -q >$venv/tools.log 2>&1 || true
    for package in $wanted; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >>$venv/tools.log 2>&1 ||
            echo "setup: $package could not be installed, so tests that need it are left out; see $(pwd)/$venv/tools.log" >&2
    done
    done_step "tools for C, from the distribution"
}

find_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v $name >/dev/null 2>&1 && return 0
    done
    return 1
}

driver_runs() { # Playwright drives Chromium through its own Node, which a minimal system lacks a library for.
    $venv/bin/python -c 'import subprocess, sys
from playwright._impl._driver import compute_driver_executable
sys.exit(subprocess.run([compute_driver_executable()[0], "--version"], capture_output=True).returncode)'
}

browser() {
    find_browser && driver_runs && return
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: no Chromium that can be driven, so the browser tests cannot run: sudo apt-get install chromium libatomic1" >&2
        stop "(or leave those tests out: BPTM_NO_BROWSER=1 make test)"
    fi
    begin_step "Chromium, from the distribution"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium libatomic1; } \
        >$venv/chromium.log 2>&1 || stop "Chromium could not be installed; see $(pwd)/$venv/chromium.log"
    done_step "Chromium, from the distribution"
}

check_python
make_venv
install_stage
warm
if [ "$what" = tools ] || [ "$what" = test ]; then
    tools
fi
if [ "$what" = test ] && [ -z "${BPTM_NO_BROWSER:-}" ]; then
    browser
fi
took=$(($(date +%s) - began))
[ $took -le 1 ] || echo "  ready after $took s"
