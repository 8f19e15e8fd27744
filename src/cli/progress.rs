//! A progress line on a terminal, and Ctrl-C.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::World;
use crate::ingest::Progress;

const REDRAWN_EVERY: Duration = Duration::from_millis(200);

const TEMPLATE: &str = "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta} left, {msg}";

/// Runs `work` while a line shows how far it is; no line unless standard error is a terminal.
pub fn with_progress<T>(world: &World, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if world.global.no_progress || world.global.quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                draw(&bar, progress);
                std::thread::sleep(REDRAWN_EVERY);
            }
            bar.finish_and_clear();
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        result
    })
}

/// Packed files give more bytes than they have; the bar then shows what was unpacked.
fn draw(bar: &ProgressBar, progress: &Progress) {
    let taken = progress.bytes_taken.load(Ordering::Relaxed);
    bar.set_length(progress.bytes_total.load(Ordering::Relaxed).max(taken));
    bar.set_position(taken);
    let (lines, rejected) = (
        progress.lines.load(Ordering::Relaxed),
        progress.rejected.load(Ordering::Relaxed),
    );
    bar.set_message(format!("{lines} lines, {rejected} rejected"));
}

/// The first Ctrl-C asks to stop after what is in hand; the second one does not wait.
pub fn stop_on_interrupt(world: &World) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    world.runtime.spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        }
    });
    stop
}
