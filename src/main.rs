//! Parses the arguments, runs, and turns an error into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidemark::cli::main()
}
