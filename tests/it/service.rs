//! The service on a free loopback port, a small HTTP client for it, and a browser by way of WebDriver.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Run, World};

/// No step of a test takes longer, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a condition; panics with `what` when it does not come.
#[track_caller]
pub fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A store with the bundled example logs, and what the command that loaded it printed.
pub struct Demo {
    pub store: PathBuf,
    pub table: String,
}

impl Demo {
    /// The program over this store.
    pub fn run(&self, args: &[&str]) -> Run {
        let data = ["--data".as_ref(), self.store.as_os_str()];
        World::new().run(data.into_iter().chain(args.iter().map(AsRef::as_ref)))
    }
}

/// The demo, loaded once a run of the tests and then only read.
///
/// Nothing is dropped at the end of the process, so the next run removes what earlier ones left.
pub fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-stores");
        remove_stores_of_ended_runs(&dir);
        let mut demo = Demo {
            store: dir.join(std::process::id().to_string()),
            table: String::new(),
        };
        demo.table = demo.run(&["demo", "--once", "--format", "table"]).ok().out;
        demo
    })
}

fn remove_stores_of_ended_runs(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let runs = Path::new("/proc").join(entry.file_name()).exists();
        if !runs {
            // Another run may be removing the same one.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A process that is stopped at the end of the test, and the lines that it says.
struct Running {
    child: Child,
    lines: Mutex<Receiver<String>>,
}

impl Running {
    fn start(command: &mut Command, heard: fn(&mut Child) -> Box<dyn Read + Send>) -> Self {
        let mut child = command
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let said = BufReader::new(heard(&mut child));
        let (sender, lines) = mpsc::channel();
        // Goes on reading when nobody listens any more, so that the process never waits for a full pipe.
        thread::spawn(move || {
            for line in said.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self {
            child,
            lines: Mutex::new(lines),
        }
    }

    fn lines(&self) -> MutexGuard<'_, Receiver<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands behind `mark` in the first line that has it.
    #[track_caller]
    fn said_after(&self, mark: &str) -> String {
        let mut heard = String::new();
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self
            .lines()
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if let Some((_, rest)) = line.split_once(mark) {
                return rest.to_owned();
            }
            heard.push_str(&line);
            heard.push('\n');
        }
        panic!("never said {mark:?} but:\n{heard}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `tidemark serve` or `demo`.
pub struct Service {
    running: Running,
    address: String,
}

impl Service {
    /// Starts the command, which must listen on port 0, and waits until it does.
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let running = Running::start(command, |child| {
            Box::new(child.stderr.take().expect("a pipe"))
        });
        let said = running.said_after("dashboard: http://");
        let address = said.split('/').next().unwrap_or_default().to_owned();
        Self { running, address }
    }

    /// Serves a store that is there.
    #[track_caller]
    pub fn over(store: &Path) -> Self {
        Self::start(World::new().command().args(["serve", "--data"]).arg(store))
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_post(path, headers, body)
            .unwrap_or_else(|e| panic!("POST {path}: {e}"))
    }

    pub fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        exchange_bytes(&self.address, "POST", path, headers, body)
    }

    /// What it has said since it listens.
    pub fn heard(&self) -> String {
        let lines: Vec<String> = self.running.lines().try_iter().collect();
        lines.join("\n")
    }

    /// Ends it at once, as a crash would.
    pub fn kill(mut self) {
        self.running.child.kill().expect("killed");
        self.running.child.wait().expect("ends");
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(&self.address, method, path, headers, None)
    }

    /// Asks it to end and returns the exit code; `None` when a signal ended it.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = self.running.child.id().to_string();
        Command::new("sh")
            .args(["-c", "kill -TERM \"$0\"", &pid])
            .status()
            .expect("a shell");
        let child = &mut self.running.child;
        wait_for("the service to end", || child.try_wait().expect("known")).code()
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }

    /// A header by its name in lower case; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text()))
    }
}

/// One HTTP/1.1 request over its own connection.
#[track_caller]
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    exchange(address, method, path, headers, body)
        .unwrap_or_else(|e| panic!("{method} {path}: {e}"))
}

fn exchange(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    exchange_bytes(address, method, path, headers, body.as_bytes())
}

fn exchange_bytes(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        head += &format!("Host: {address}\r\n");
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    read_answer(&mut BufReader::new(stream), method == "HEAD")
}

fn read_answer(stream: &mut impl BufRead, head_only: bool) -> io::Result<Answer> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP/1.1");
    let line = read_line(stream)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(malformed)?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if head_only || status == 304 {
        return Ok(answer);
    }
    answer.body = if answer.header("transfer-encoding") == "chunked" {
        read_chunks(stream)?
    } else if let Ok(length) = answer.header("content-length").parse() {
        read_exactly(stream, length)?
    } else {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest)?;
        rest
    };
    Ok(answer)
}

fn read_line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn read_exactly(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn read_chunks(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(stream)?;
        let size = usize::from_str_radix(&size, 16)
            .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        body.extend(read_exactly(stream, size)?);
        read_line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

/// One headless Chromium with one window, gone at the end of the test.
pub struct Browser {
    session: String,
    address: String,
    _driver: Running,
    _profile: TempDir,
}

impl Browser {
    /// `None`, and a word about it, where no browser is; with `TIDEMARK_BROWSER` set, that is a failure.
    pub fn start() -> Option<Self> {
        if [CHROMIUM, CHROMEDRIVER]
            .iter()
            .all(|program| Path::new(program).exists())
        {
            return Some(Self::launch());
        }
        assert!(
            std::env::var_os("TIDEMARK_BROWSER").is_none(),
            "{CHROMIUM} or {CHROMEDRIVER} is not there"
        );
        eprintln!("skipped: {CHROMIUM} or {CHROMEDRIVER} is not there");
        None
    }

    fn launch() -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new(CHROMEDRIVER);
        command
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let driver = Running::start(&mut command, |child| {
            Box::new(child.stdout.take().expect("a pipe"))
        });
        let port = driver.said_after("started successfully on port ");
        let address = format!("127.0.0.1:{}", port.trim_end_matches('.'));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": CHROMIUM, "args": arguments(profile.path())},
        }}});
        let started = request(&address, "POST", "/session", &[], Some(&wanted))
            .ok()
            .json();
        let session = started["value"]["sessionId"]
            .as_str()
            .expect("a session")
            .to_owned();
        Self {
            session,
            address,
            _driver: driver,
            _profile: profile,
        }
    }

    #[track_caller]
    fn ask(&self, method: &str, command: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}{command}", self.session);
        request(&self.address, method, &path, &[], body).ok().json()["value"].take()
    }

    #[track_caller]
    pub fn open(&self, url: &str) {
        self.ask("POST", "/url", Some(&json!({ "url": url })));
    }

    #[track_caller]
    pub fn url(&self) -> String {
        self.ask("GET", "/url", None)
            .as_str()
            .expect("text")
            .to_owned()
    }

    #[track_caller]
    pub fn back(&self) {
        self.ask("POST", "/back", Some(&json!({})));
    }

    /// Clicks as a person would: what is covered or out of sight cannot be clicked.
    #[track_caller]
    pub fn click(&self, css: &str) {
        let found = self.ask(
            "POST",
            "/element",
            Some(&json!({"using": "css selector", "value": css})),
        );
        let id = found
            .as_object()
            .and_then(|o| o.values().next())
            .and_then(Value::as_str)
            .expect("an element");
        self.ask("POST", &format!("/element/{id}/click"), Some(&json!({})));
    }

    /// What an expression comes to in the page.
    #[track_caller]
    pub fn eval(&self, expression: &str) -> Value {
        self.ask(
            "POST",
            "/execute/sync",
            Some(&json!({"script": format!("return {expression};"), "args": []})),
        )
    }

    /// Waits until an expression is true in the page.
    #[track_caller]
    pub fn wait(&self, expression: &str) {
        let mut last = Value::Null;
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            last = self.eval(expression);
            if last == json!(true) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!(
            "waited in vain for {expression} ({last}); the page says: {}",
            self.eval("document.body.innerText")
        );
    }

    /// The text of each element that a selector finds.
    #[track_caller]
    pub fn texts(&self, css: &str) -> Vec<String> {
        let found = self.eval(&format!(
            "[...document.querySelectorAll({css:?})].map((e) => e.textContent.trim())"
        ));
        serde_json::from_value(found).expect("texts")
    }

    /// Sets the size of the page. The window itself cannot be made as narrow as a telephone.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.protocol("Emulation.setDeviceMetricsOverride", &size);
    }

    /// A picture of the whole page, as PNG.
    #[track_caller]
    pub fn screenshot(&self) -> Vec<u8> {
        let taken = self.protocol(
            "Page.captureScreenshot",
            &json!({"format": "png", "captureBeyondViewport": true}),
        );
        let data = taken["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD
            .decode(data)
            .expect("base64")
    }

    #[track_caller]
    fn protocol(&self, command: &str, params: &Value) -> Value {
        self.ask(
            "POST",
            "/goog/cdp/execute",
            Some(&json!({"cmd": command, "params": params})),
        )
    }

    /// Errors and warnings of the console since it was asked last; refusals of the content security policy are among
    /// them.
    #[track_caller]
    pub fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", Some(&json!({"type": "browser"})));
        let entries = log.as_array().expect("a log").iter();
        entries
            .filter(|entry| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|entry| entry["message"].to_string())
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; the driver alone would leave it behind.
        let _ = exchange(
            &self.address,
            "DELETE",
            &format!("/session/{}", self.session),
            &[],
            None,
        );
    }
}

fn arguments(profile: &Path) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // A page of 400 px has 400 px for itself, as on a telephone.
        "--hide-scrollbars",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}
