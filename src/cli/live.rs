//! Building, starting and ending what takes logs in while the program runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::ingest::{Makers, RejectFile, Summary};
use crate::keys::Watch;
use crate::live::{
    Desk, Follower, Hold, Known, Queue, Spec, SyslogServer, Writer, follow_key, guarded,
};
use crate::mask::Maskers;
use crate::model::time::Timestamp;
use crate::store::StoreError;

/// Time to hand over and to answer once the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// A desk at which sources hand their rows in, and the writer behind it.
pub struct LiveRoom {
    pub desk: Desk,
    writer: Writer,
    key: Option<Watch>,
}

/// Threads at work.
pub struct Running {
    pub desk: Desk,
    writer: JoinHandle<Option<Result<(), StoreError>>>,
    follower: Option<JoinHandle<()>>,
    key: Option<JoinHandle<()>>,
    syslog: Option<SyslogServer>,
}

impl LiveRoom {
    /// Opens the store, and makes it where there is none. `Hold::WhileNeeded` leaves it to others between batches.
    pub fn open(
        world: &World,
        dir: &Path,
        hold: Hold,
        rejects: Option<RejectFile>,
    ) -> Result<Self, Failure> {
        let store = match hold {
            Hold::Always => Some(world.open_to_write(dir)?),
            Hold::WhileNeeded => None,
        };
        let known = match &store {
            Some(store) => Known::new(world.runtime.block_on(store.positions())?),
            None => Known::default(),
        };
        let settings = &world.config.live;
        let bytes_max = usize::try_from(settings.queue_mb << 20).unwrap_or(usize::MAX);
        let queue = Arc::new(Queue::new(bytes_max));
        let masker = match world.masker(dir) {
            // Who may not read the key can still look at what is stored.
            Err(failure) if hold == Hold::WhileNeeded => {
                queue.set_refusal(Some(failure.message));
                world.passing_masker()?
            }
            masker => masker?,
        };
        let marks = (hold == Hold::Always)
            .then(|| world.marks(dir))
            .transpose()?;
        let makers = Makers {
            marks,
            attributor: Arc::new(world.attributor()?),
            maskers: Maskers::new(masker),
            keep_ok_one_in: world.config.ingest.keep_ok_one_in,
            keep_rejects: rejects.is_some(),
        };
        let desk = Desk::new(makers, queue, known, wall_clock, rejects);
        let runtime = world.runtime.handle().clone();
        let writer = Writer::new(dir.to_owned(), store, &desk, settings.clone(), runtime);
        let key = world.keys(dir)?.watch();
        Ok(Self { desk, writer, key })
    }

    /// Starts the writer, and whatever is to be followed or listened to.
    pub fn start(
        self,
        world: &World,
        specs: Vec<Spec>,
        syslog: Option<SocketAddr>,
    ) -> Result<Running, Failure> {
        let Self { desk, writer, key } = self;
        let syslog = syslog.map(|addr| {
            world
                .runtime
                .block_on(SyslogServer::start(addr, desk.clone(), rand::random()))
        });
        let syslog = syslog.transpose()?;
        let queue = Arc::clone(&desk.queue);
        let writer = thread::spawn(move || guarded(&queue, "the writer", || writer.run()));
        let follower = (!specs.is_empty()).then(|| {
            let follower = Follower::new(desk.clone(), specs, world.config.live.clone());
            let queue = Arc::clone(&desk.queue);
            thread::spawn(move || {
                guarded(&queue, "the following of files", || follower.run());
            })
        });
        let key = key.map(|mut watch| {
            let desk = desk.clone();
            thread::spawn(move || {
                let work = || follow_key(&desk, &mut watch);
                guarded(&desk.queue, "the look for another masking key", work);
            })
        });
        Ok(Running {
            desk,
            writer,
            follower,
            key,
            syslog,
        })
    }
}

impl Running {
    pub fn syslog_address(&self) -> Option<SocketAddr> {
        self.syslog.as_ref().map(SyslogServer::address)
    }

    /// Ends in order: sources hand over what they have, the writer stores it.
    pub fn end(self) -> Result<Summary, Failure> {
        self.desk.stop.store(true, Ordering::Relaxed);
        close_in_time(Arc::clone(&self.desk.queue));
        if let Some(follower) = self.follower {
            let _ = follower.join();
        }
        if let Some(syslog) = self.syslog {
            syslog.end();
        }
        self.desk.queue.close();
        let stored = self.writer.join().ok().flatten();
        if let Some(key) = self.key {
            let _ = key.join();
        }
        if let Some(message) = self.desk.queue.failure() {
            return Err(Failure {
                exit: Exit::Store,
                message,
            });
        }
        stored.unwrap_or(Ok(()))?;
        Ok(self.desk.summary())
    }
}

/// Sources and senders that wait for a store which cannot be written are let go after a while, or the process could not
/// end. What they hold was not noted as read.
pub fn close_in_time(queue: Arc<Queue>) {
    thread::spawn(move || {
        thread::sleep(GRACE);
        queue.close();
    });
}

pub fn wall_clock() -> Timestamp {
    chrono::Utc::now().into()
}

/// The end was asked for, or nothing can be stored any more.
pub async fn ended(queue: &Queue) {
    tokio::select! {
        () = stopped() => {}
        _ = queue.failed() => {}
    }
}

/// Ctrl-C or a termination signal.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
