//! Work that is done side by side, on as many threads as it is worth.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewer rows or cells, as a service has them twice a second, are done before another thread has begun.
const PIECES_SHARED_MIN: usize = 10_000;

/// Where other things run too, more threads than this are in their way.
const THREADS_MAX: usize = 8;

/// How many threads so many rows or cells are worth.
pub fn threads_for(pieces: usize) -> usize {
    match pieces < PIECES_SHARED_MIN {
        true => 1,
        false => thread::available_parallelism().map_or(1, |all| all.get().min(THREADS_MAX)),
    }
}

/// Each thread takes the next item until there is none; what came of them is in their order.
pub fn share<T: Send, R: Send>(
    items: Vec<T>,
    threads: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
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
        let others: Vec<_> = (1..threads.min(waiting.len()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        for threads in [1, 3] {
            let twice = share((0..1_000).collect(), threads, |number: usize| 2 * number);
            assert_eq!(
                twice,
                (0..1_000).map(|number| 2 * number).collect::<Vec<_>>()
            );
        }
        assert_eq!(threads_for(10), 1);
    }
}
