//! Written beside.
