//! Walks that do not know of each other, done side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Fewer cells, as come with a new minute, are walked before another thread has begun.
const CELLS_SHARED_MIN: usize = 10_000;

/// Where other things run too, more threads than this are in their way.
const THREADS_MAX: usize = 8;

/// How many threads so many cells are worth.
pub fn threads_for(cells: usize) -> usize {
    match cells < CELLS_SHARED_MIN {
        true => 1,
        false => thread::available_parallelism().map_or(1, |all| all.get().min(THREADS_MAX)),
    }
}

/// Each thread takes the next item until there is none.
pub fn share<T: Send>(items: Vec<T>, threads: usize, work: impl Fn(T) + Sync) {
    let next = AtomicUsize::new(0);
    let waiting: Vec<_> = items
        .into_iter()
        .map(|item| Mutex::new(Some(item)))
        .collect();
    let take = || {
        while let Some(slot) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
            let item = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            item.into_iter().for_each(&work);
        }
    };
    // A panic of one of them is one of the scope.
    thread::scope(|scope| {
        for _ in 1..threads.min(waiting.len()) {
            scope.spawn(take);
        }
        take();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once() {
        for threads in [1, 3] {
            let mut done = vec![0; 1_000];
            share(done.iter_mut().collect(), threads, |one: &mut i32| {
                *one += 1
            });
            assert_eq!(done, vec![1; 1_000]);
        }
        assert_eq!(threads_for(10), 1);
    }
}
