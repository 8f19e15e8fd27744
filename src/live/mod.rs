//! What comes in while the program runs: files that grow, batches that are pushed, lines sent by syslog.
//!
//! Sources mask their rows and hand them, with the positions that they reach, to one queue with a limit. One writer
//! empties it: it commits by time or size, rolls up, and only then answers those who pushed. When the store cannot be
//! written, sources wait and pushes are refused; nothing is lost or doubled.

mod desk;
mod follow;
mod guarded;
mod key;
mod known;
mod metrics;
mod place;
mod protocols;
mod push;
mod queue;
mod repeats;
mod sources;
mod syslog;
mod tail;
mod units;
mod writer;

use serde::{Deserialize, Serialize};

pub use desk::{Desk, Figures};
pub use follow::{Follower, Spec};
pub use guarded::guarded;
pub use key::{LOOKED_EVERY, follow_key};
pub use known::Known;
pub use metrics::{COMMIT_BUCKETS_S, Came, Commits, Metrics, Way};
pub use protocols::{BulkItem, Protocol, Taken};
pub use push::{PushError, Pushed, Pusher, RETRY_BUSY_S, RETRY_TROUBLE_S, Request, Room};
pub use queue::{Answer, Full, Queue};
pub use sources::{SourceError, SourceSettings};
pub use syslog::{SyslogError, SyslogServer};
pub use writer::{Hold, Writer};

/// How soon and how much.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Milliseconds between commits: shorter is sooner visible, longer makes fewer files.
    pub commit_ms: u64,
    /// Milliseconds between looks at each followed file.
    pub poll_ms: u64,
    /// Milliseconds between looks for files that are there for the first time.
    pub look_ms: u64,
    /// Megabytes of masked rows that wait for a commit; beyond, pushes are answered with 429 and followers wait.
    pub queue_mb: u64,
    /// Megabytes of a pushed body as it comes.
    pub body_mb: u64,
    /// Megabytes of a pushed body when it is unpacked.
    pub unpacked_mb: u64,
    /// Seconds between looks for files of the tables that should be joined; 0 never joins.
    pub compact_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            commit_ms: 500,
            poll_ms: 200,
            look_ms: 1_000,
            queue_mb: 64,
            body_mb: 16,
            unpacked_mb: 64,
            compact_s: 10,
        }
    }
}
