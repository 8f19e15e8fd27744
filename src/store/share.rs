//! Work on the columns of a file, done side by side.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewer rows, as a service commits them twice a second, are done before another thread has begun.
const ROWS_SHARED_MIN: usize = 10_000;

/// More threads than this wait for one column.
const THREADS_MAX: usize = 8;

/// Each thread takes the next item until there is none; what came of them is in their order.
pub fn share<T: Send, R: Send>(items: Vec<T>, rows: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = match rows < ROWS_SHARED_MIN {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };
    let next = AtomicUsize::new(0);
    let waiting: Vec<_> = items
        .into_iter()
        .map(|item| Mutex::new(Some(item)))
        .collect();
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(slot) = waiting.get(at) else {
                return done;
            };
            let item = slot.lock().ok().and_then(|mut slot| slot.take());
            if let Some(item) = item {
                done.push((at, work(item)));
            }
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(THREADS_MAX))
            .map(|_| scope.spawn(take))
            .collect();
        let mut done = take();
        for other in others {
            let more = other.join();
            done.extend(more.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked)));
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
