# shellcheck shell=bash
# How the commands of a release are linked, for dist.sh to source.
#
#   link_options FOLDER       sets `options`, swift build's, and makes what they need in FOLDER
#   refuse_libraries PROGRAM  fails if it needs another library than the system's C library, or has ICU in it
#
# With a Static Linux SDK of Swift (`swift sdk install …`) that somebody has added libyaml to, the commands need no library
# at all. Otherwise Swift's own libraries, zlib, libyaml and C++'s are linked in, and of glibc what Debian 11 has, if debootstrap can fetch that: a program
# that is linked on a newer system asks for the newer system's symbols, even though it calls nothing new.

. "$(dirname "${BASH_SOURCE[0]}")/apt.sh"
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

link_options() {
    local link=$1/link sdk libraries system
    options=()
    mkdir -p "$link"
    if [ "$(uname)" = Darwin ]; then
        ln -sf "$(brew --prefix libyaml)/lib/libyaml.a" "$link/libyaml.a"
        package yaml-0.1 yaml "-I$(brew --prefix libyaml)/include"
        return
    fi
    # Each function for itself, so that the linker can leave out what nobody calls.
    options=(-Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections -Xcc -fdata-sections)
    sdk=$(swift sdk list 2>/dev/null | grep -m 1 'static-linux' || true)
    if [ -n "$sdk" ] && find ~/.swiftpm ~/.config/swiftpm -path "*$sdk*" -name yaml.h 2>/dev/null | grep -q .; then
        options+=(--swift-sdk "$(uname -m)-swift-linux-musl")
        return
    fi
    # No library is looked for beside the commands, and nobody looks up symbols in them: what is unused can be left out.
    printf '{ local: *; };\n' >"$link/symbols"
    options+=(--static-swift-stdlib --disable-local-rpath -Xlinker "--version-script=$link/symbols")
    options+=(-Xswiftc -use-ld=lld -Xswiftc -Xclang-linker -Xswiftc -static-libgcc)
    # The linker takes a static library where no other is beside it.
    for libraries in libstdc++.a libyaml.a libz.a; do
        ln -sf "$(gcc -print-file-name="$libraries")" "$link/$libraries"
    done
    package yaml-0.1 yaml
    package zlib z
    options+=(-Xlinker "-L$link")
    system=$1/debian-11
    if [ "$EUID" -eq 0 ] && debian_root bullseye "$system" libc6-dev libgcc-10-dev; then
        # What libstdc++ reads to leave locks out where there is one thread; glibc has it since 2.32. 0: there are more.
        printf 'char __libc_single_threaded = 0;\n' | clang -x c -c - -o "$link/single-threaded.o"
        options+=(-Xswiftc -Xclang-linker -Xswiftc "--sysroot=$system" -Xlinker "$link/single-threaded.o")
    else
        printf 'Linked with the glibc of this system: older ones will not do.\n' >&2
    fi
}

# `package NAME LIBRARY [CFLAGS]`: where Swift finds a library. Elsewhere that is the folder of all this system's
# libraries, libc among them, or one without a static library.
package() {
    printf 'Name: %s\nDescription: %s\nVersion: 1\nLibs: -L%s -l%s\nCflags: %s\n' "$1" "$1" "$link" "$2" "${3-}" \
        >"$link/$1.pc"
    export PKG_CONFIG_PATH=$link
}

refuse_libraries() {
    local known='^(libc|libm|libpthread|libdl|librt|libutil|ld-linux-[a-z0-9-]+)\.so(\.[0-9]+)*$'
    local needed library
    if [ "$(uname)" = Darwin ]; then
        needed=$(otool -L "$1" | sed 1d | awk '{ print $1 }' | grep -Ev '^(/usr/lib/|/System/Library/)' || true)
        [ -z "$needed" ] || fail "$1 needs $needed"
        return
    fi
    needed=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }')
    for library in $needed; do
        grep -Eq "$known" <<<"$library" || fail "$1 needs $library"
    done
    # Its data alone is larger than all else.
    ! grep -q icudt "$1" || fail "$1 contains ICU: something in it imports all of Foundation"
    printf '%s: %s bytes, needs %s\n' "$(basename "$1")" "$(stat -c %s "$1")" \
        "$(objdump -T "$1" 2>/dev/null | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1 | tr _ ' ')" >&2
}
