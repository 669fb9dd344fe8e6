# Sourced, in the root of the checkout: which cargo builds Wasm on this machine, and with what.

# What edges are built for: JavaScript hosts (Cloudflare, CloudFront), and components (Spin).
readonly WASM_TARGETS=(wasm32-unknown-unknown wasm32-wasip2)
readonly WASM_BINDGEN=.tools/cargo/bin/wasm-bindgen
readonly WASM_OPT=edge/tools/node_modules/binaryen/bin/wasm-opt

# has_library TARGET — whether the cargo of the PATH can build for it. WASM_RUST=debian says no, so that the other road
# can be taken where both are open.
has_library() {
    [ "${WASM_RUST:-}" != debian ] && [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

debian_rust_is_there() {
    [ -x /usr/bin/cargo ] && [ -f /usr/lib/rustlib/src/rust/library/std/Cargo.toml ] \
        && command -v lld-22 > /dev/null && [ -d /usr/lib/wasm32-wasi ]
}

# The version that Cargo.lock names.
wasm_bindgen_version() {
    awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' Cargo.lock
}

# wasm_cargo TARGET ARGUMENT… — cargo's `build --locked` for a target, into $CARGO_TARGET_DIR or target/.
wasm_cargo() {
    local target="$1" flags=""
    shift
    if has_library "$target"; then
        cargo build --locked --target "$target" "$@"
        return
    fi
    debian_rust_is_there || { echo "nothing here builds for $target; run edge/toolchain" >&2; return 1; }
    # Debian's wasi-libc is in no place where its Rust looks.
    [[ "$target" != wasm32-wasi* ]] || flags="-L /usr/lib/wasm32-wasi"
    echo "no $target library beside $(rustc --version); with $(/usr/bin/rustc --version), whose library is built from source"
    # In a folder of its own, since cargo would build all anew at each change of compiler. RUSTC_BOOTSTRAP opens the one
    # unstable flag that this takes.
    PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS="$flags" \
        CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/debian" \
        /usr/bin/cargo build --locked -Zbuild-std=std,panic_abort --target "$target" "$@"
}

# wasm_output TARGET PROFILE — the folder that wasm_cargo leaves its output in.
wasm_output() {
    local folder="${CARGO_TARGET_DIR:-target}"
    has_library "$1" || folder="$folder/debian"
    echo "$folder/$1/$2"
}
