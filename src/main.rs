//! Parses the arguments, runs, and turns an error into an exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Several threads make and free millions of small texts; the system's allocator spends a tenth of the time on that and
/// keeps what they freed.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    tidemark::cli::main()
}
