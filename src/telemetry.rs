//! What the program says about itself while it works: tracing to standard error.

use tracing_subscriber::EnvFilter;

/// Libraries that report as errors what is ordinary here (a table that does not exist yet).
const QUIET: &str = "buoyant_kernel=off,buoyant_kernel_engine=off,deltalake_core=error";

/// `level` is a filter such as `info`; an unusable one falls back to warnings.
pub fn start(level: &str) {
    let filter =
        EnvFilter::try_new(format!("{level},{QUIET}")).unwrap_or_else(|_| EnvFilter::new(QUIET));
    // A second start (in tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
