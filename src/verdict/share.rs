//! Walks that do not know of each other, done side by side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Fewer cells, as come with a new minute, are walked before another thread has begun.
const CELLS_SHARED_MIN: usize = 10_000;

/// Where other things run too, more threads than this are in their way.
const THREADS_MAX: usize = 8;

/// Each thread takes the next item until there is none.
pub fn share<T: Send>(items: Vec<T>, cells: usize, work: impl Fn(T) + Sync) {
    let threads = match cells < CELLS_SHARED_MIN {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };
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
        for _ in 1..threads.min(THREADS_MAX).min(waiting.len().max(1)) {
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
        for cells in [0, CELLS_SHARED_MIN] {
            let mut done = vec![0; 1_000];
            share(done.iter_mut().collect(), cells, |one: &mut i32| *one += 1);
            assert_eq!(done, vec![1; 1_000]);
        }
    }
}
