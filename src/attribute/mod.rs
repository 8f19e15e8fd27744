//! Which integration, operation and outcome an exchange has, by catalogue and configuration.
//!
//! A log line tells host, path, status and perhaps headers and bodies; people ask about vendors, operations, throttles
//! and waits. Everything here is decided for one exchange alone, without state, so that results do not depend on the
//! order of lines or on how work is spread over threads. Reading is `read`'s work, hiding secrets `mask`'s: texts that
//! are found here are as raw as the exchange they come from.

mod answer;
mod attributor;
mod body;
mod duration;
mod http_date;
mod identity;
mod ids;
mod json_scan;
mod limits;
mod method;
mod operation;
mod outcome;
mod pattern;
mod percent;
mod profile;
mod quota;
mod retry_after;
mod rpc;
mod rules;
mod segment;
mod settings;
mod shapes;
mod target;
mod texts;
mod webhook;
mod words;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod surprises;

pub use attributor::{Attributor, Context, Names};
pub use rules::Tie;
pub use settings::{AttributeError, IntegrationRule, Match, Settings};
