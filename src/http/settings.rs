//! Where the service listens, and how long and how many senders it waits for.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub listen: SocketAddr,
    /// Connections at one time; further ones wait to be taken. Each needs a descriptor, of which a process often has
    /// 1,024.
    pub connections: usize,
    /// Seconds for the head of a request, from its first byte.
    pub head_s: u64,
    /// Seconds for a body, besides one for each 16 KiB of it that came.
    pub body_s: u64,
    /// Seconds without a byte either way after which a connection is closed; shippers keep theirs open between batches.
    pub idle_s: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7433),
            connections: 512,
            head_s: 10,
            body_s: 20,
            idle_s: 75,
        }
    }
}
