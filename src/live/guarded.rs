//! Work on threads of its own whose sudden end must not go unnoticed: nobody would store, or read, any more.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::live::queue::Queue;

/// Does the work. When it panics, the queue is closed and says why, so that nobody is told that something was stored, and
/// the process can end; a supervisor starts it again where the last commit has ended.
pub fn guarded<T>(queue: &Queue, what: &str, work: impl FnOnce() -> T) -> Option<T> {
    // What the work had in hand is lost with it and was not noted as read, so nothing half done is seen again.
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    if done.is_none() {
        queue.fail(format!(
            "{what} has ended by a fault of the program, and the service ends with it; what was answered is stored"
        ));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::queue::{Full, Handed};

    #[tokio::test]
    async fn a_panic_closes_the_queue_with_its_reason() {
        let queue = Queue::new(1 << 20);
        assert_eq!(guarded(&queue, "the writer", || 7), Some(7));
        assert_eq!(queue.offer(Handed::default()), Ok(()));
        let done = guarded(&queue, "the writer", || -> u8 { panic!("a token") });
        assert_eq!(done, None);
        let Err(Full::Trouble(why)) = queue.offer(Handed::default()) else {
            panic!("it takes something");
        };
        assert!(
            why.starts_with("the writer has ended") && !why.contains("token"),
            "{why}"
        );
        assert_eq!(queue.failed().await, why);
        assert!(
            queue.put(Handed::default()).is_err(),
            "followers do not wait"
        );
        queue.set_trouble(None);
        assert_eq!(queue.trouble(), Some(why), "it does not recover");
    }
}
