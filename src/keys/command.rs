//! A key that a command gives: the client of a secret manager, say. What it prints is the key and is shown nowhere.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::keys::error::KeyError;
use crate::keys::files;
use crate::keys::form;
use crate::mask::MaskKey;
use crate::model::visible;

/// Long enough for a secret manager behind a slow network, short enough that nobody takes the start for hung.
pub const PATIENCE: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(20);

/// How much of what it complains about is told: its first line, and of that no more than a sentence.
const SAID_BYTES_MAX: usize = 200;

/// What it complains about must not share so many bytes with what it printed.
const SHARED_BYTES: usize = 6;

/// Runs the command once and reads the key that it prints.
pub fn run(command: &[String], patience: Duration) -> Result<MaskKey, KeyError> {
    let (program, arguments) = command.split_first().map_or(("", command), |(p, a)| (p, a));
    let failed = |what: String| KeyError::Command {
        program: program.to_owned(),
        what,
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("it cannot be started: {error}")))?;
    let until = Instant::now() + patience;
    let (printed, said) = (take(child.stdout.take()), take(child.stderr.take()));
    let Some((status, printed)) = wait(&mut child, &printed, until) else {
        return Err(failed(format!("it did not end within {patience:?}")));
    };
    let complaint = || complaint(&said.recv_timeout(POLL).unwrap_or_default(), &printed);
    if !status.success() {
        return Err(failed(format!("it ended with {status}{}", complaint())));
    }
    let key = form::parse(&printed).map_err(|what| failed(format!("{what}{}", complaint())))?;
    Ok(MaskKey::from_bytes(*key))
}

/// Its status and what it printed, when both are there in time; else it is ended.
fn wait(
    child: &mut Child,
    printed: &Receiver<Zeroizing<Vec<u8>>>,
    until: Instant,
) -> Option<(ExitStatus, Zeroizing<Vec<u8>>)> {
    let patience = until.saturating_duration_since(Instant::now());
    let printed = printed.recv_timeout(patience).ok();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, printed?)),
            Ok(None) if printed.is_some() && Instant::now() < until => thread::sleep(POLL),
            Ok(None) | Err(_) => break,
        }
    }
    // It may have ended just so, and its end is nothing that anybody waits for.
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// Reads a pipe on a thread of its own to its end, and hands over its beginning.
fn take(pipe: Option<impl Read + Send + 'static>) -> Receiver<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let bytes = files::read(&mut pipe).unwrap_or_default();
        // A full pipe would stop the command, which may have more to say.
        let _ = io::copy(&mut pipe, &mut io::sink());
        let _ = sender.send(bytes);
    });
    receiver
}

/// The first line of what it complained about, unless that tells something of what it printed.
fn complaint(said: &[u8], printed: &[u8]) -> String {
    let first = said.split(|b| *b == b'\n').next().unwrap_or_default();
    let told = |part: &[u8]| first.windows(part.len()).any(|inside| inside == part);
    if first.trim_ascii().is_empty() || printed.windows(SHARED_BYTES).any(told) {
        return String::new();
    }
    let line = visible::line(String::from_utf8_lossy(first).trim());
    format!("; it says: {}", visible::clip(&line, SAID_BYTES_MAX).0)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<MaskKey, KeyError> {
        run(&["sh", "-c", script].map(str::to_owned), PATIENCE)
    }

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn what_it_prints_is_the_key() {
        let key = shell(&format!("echo {HEX}")).expect("a key");
        let same = shell(&format!("echo noise >&2; printf {}", HEX.to_uppercase())).expect("a key");
        assert_eq!(key.id(), same.id());
    }

    #[test]
    fn a_failure_tells_its_first_line_and_nothing_of_what_it_printed() {
        let said = |script: &str| shell(script).expect_err("fails").to_string();
        let error = said("echo 'token\u{1b}[2J expired' >&2; echo more >&2; exit 3");
        assert!(error.contains("exit status: 3") && error.contains("token⟨U+001B⟩[2J expired"));
        assert!(!error.contains("more"), "{error}");
        for script in [
            format!("echo {HEX}; echo got {HEX} >&2; exit 1"),
            format!("echo {HEX}x; echo got {HEX} >&2"),
            format!(
                "printf '%s' {}; echo '+ echo {}' >&2",
                &HEX[..40],
                &HEX[..40]
            ),
        ] {
            let error = said(&script);
            assert!(
                !error.contains("112233") && !error.contains("says"),
                "{error}"
            );
        }
        let long = said("head -c 5000 /dev/zero | tr '\\0' a >&2; exit 1");
        assert!(long.len() < 400, "{long}");
        assert!(said("true").contains("32 random bytes"));
        let missing = run(&["/nonexistent/program".to_owned()], PATIENCE);
        assert!(missing.is_err_and(|error| error.to_string().contains("cannot be started")));
    }

    #[test]
    fn it_is_not_waited_for_without_end() {
        let sleeps = ["sleep", "600"].map(str::to_owned);
        let error = run(&sleeps, Duration::from_millis(50)).expect_err("ended");
        assert!(error.to_string().contains("did not end within"), "{error}");
    }
}
