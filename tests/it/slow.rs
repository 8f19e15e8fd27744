//! Senders that are slow, that promise too much, or that are too many: nobody else waits for them.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::bad_input::{line, lines};
use crate::service::{Service, wait_for};
use crate::world::World;

const PATIENCE: Duration = Duration::from_secs(60);

/// A service with these lines under `[server]`.
#[track_caller]
fn serve(world: &World, server: &str) -> Service {
    world.file("server.toml", format!("[server]\n{server}\n"));
    let mut command = world.command();
    command
        .args(["serve", "--config"])
        .arg(world.path("server.toml"));
    Service::start(&mut command)
}

fn open(service: &Service, said: &str) -> TcpStream {
    let mut stream = TcpStream::connect(service.address()).expect("connects");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.write_all(said.as_bytes()).expect("sent");
    stream
}

/// The head of a push, with these further lines.
fn head(lines: &str) -> String {
    format!("POST /api/v1/ingest HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n")
}

/// What is answered until the connection is closed.
fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("it is not closed"),
        _ => String::from_utf8_lossy(&answer).into_owned(),
    }
}

/// The first line that is answered, while nothing more is sent.
fn first_line(stream: &mut TcpStream) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        stream.read_exact(&mut byte).expect("an answer");
        line.push(byte[0]);
    }
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

#[test]
fn slow_senders_do_not_keep_others_out() {
    let world = World::new();
    let service = serve(&world, "");
    let chunked = head("Transfer-Encoding: chunked");
    let part = lines(0..3);
    let begun = format!("{chunked}{:x}\r\n{part}\r\n", part.len());
    let slow: Vec<TcpStream> = (0..40).map(|_| open(&service, &begun)).collect();
    let told = head("Content-Length: 16000000");
    let promising: Vec<TcpStream> = (0..40).map(|_| open(&service, &told)).collect();
    for n in 0..5 {
        service.post("/api/v1/ingest", &[], line(n).as_bytes()).ok();
    }
    drop((slow, promising));
    assert_eq!(world.count("SELECT COUNT(*) FROM exchanges"), 5);
}

#[test]
fn a_head_that_does_not_end_is_waited_for_no_longer_than_its_time() {
    let world = World::new();
    let service = serve(&world, "head_s = 1");
    for said in ["", "POST /api/v1/ingest HTTP/1.1\r\nHost: loc"] {
        assert_eq!(rest(&mut open(&service, said)), "", "{said}");
    }
    service.get("/healthz").ok();
}

#[test]
fn a_body_that_does_not_come_is_refused_and_a_connection_without_requests_closed() {
    let world = World::new();
    let service = serve(&world, "body_s = 1\nidle_s = 1");
    for told in ["Content-Length: 500", "Transfer-Encoding: chunked"] {
        let answer = rest(&mut open(&service, &head(told)));
        assert!(answer.starts_with("HTTP/1.1 408 "), "{told}: {answer}");
        assert!(answer.contains("/problems/slow-body"), "{answer}");
    }
    let asked = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = rest(&mut open(&service, asked));
    assert!(answer.ends_with("ok\n"), "{answer}");
}

#[test]
fn a_body_whose_told_length_is_too_large_is_refused_before_it_comes() {
    let world = World::new();
    let service = serve(&world, "");
    for told in [
        "Content-Length: 400000000000",
        "Content-Length: 400000000000\r\nExpect: 100-continue",
        "Content-Length: 17000000",
    ] {
        let mut stream = open(&service, &head(told));
        let answer = first_line(&mut stream);
        assert_eq!(answer, "HTTP/1.1 413 Payload Too Large", "{told}");
    }
    let body = line(0);
    let told = format!("Content-Length: {}\r\nExpect: 100-continue", body.len());
    let mut stream = open(&service, &head(&told));
    assert_eq!(first_line(&mut stream), "HTTP/1.1 100 Continue");
    stream.write_all(body.as_bytes()).expect("sent");
    assert_eq!(first_line(&mut stream), "");
    assert_eq!(first_line(&mut stream), "HTTP/1.1 200 OK");
}

#[test]
fn a_sender_that_writes_all_before_it_reads_gets_its_refusal() {
    let world = World::new();
    let service = serve(&world, "");
    let body = vec![b'x'; 20 << 20];
    for path in ["/api/v1/ingest", "/api/v1/ingest?zone=Nowhere", "/nothing"] {
        let answer = service.try_post(path, &[], &body).expect("an answer");
        assert!((400..500).contains(&answer.status), "{path}");
    }
}

#[test]
fn connections_beyond_the_limit_wait_for_a_place() {
    let world = World::new();
    let service = serve(&world, "connections = 2");
    let taken = [open(&service, ""), open(&service, "")];
    // Taken in the order in which they come.
    let mut third = open(
        &service,
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    third
        .set_read_timeout(Some(Duration::from_millis(500)))
        .expect("a timeout");
    let mut byte = [0];
    assert!(third.read(&mut byte).is_err(), "there is no place for it");
    drop(taken);
    wait_for("a place", || third.read(&mut byte).ok());
    service.get("/readyz").ok();
}
