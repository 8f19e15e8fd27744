//! Files that grow between two runs of `ingest`: what stands at the end of one is completed in the other.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::bad_input::check_numbers;
use crate::world::World;

/// Three calls: answered, failed, answered with a body.
const CURL: &str = "\
*   Trying 192.0.2.7:443...
* Connected to api.stripe.com (192.0.2.7) port 443 (#0)
> GET /v1/charges/1 HTTP/1.1
> Host: api.stripe.com
> User-Agent: curl/8.5.0
>
< HTTP/1.1 200 OK
< Date: Sun, 22 Nov 2026 03:51:46 GMT
< Content-Type: application/json
<
{\"id\":1}
* Connection #0 to host api.stripe.com left intact
*   Trying 192.0.2.7:443...
* Connected to api.stripe.com (192.0.2.7) port 443 (#0)
> GET /v1/charges/2 HTTP/1.1
> Host: api.stripe.com
>
* Operation timed out after 5000 milliseconds with 0 bytes received
* Closing connection 0
*   Trying 192.0.2.7:443...
* Connected to api.stripe.com (192.0.2.7) port 443 (#0)
> GET /v1/charges/3 HTTP/1.1
> Host: api.stripe.com
>
< HTTP/1.1 429 Too Many Requests
< Date: Sun, 22 Nov 2026 03:51:49 GMT
<
{\"error\":{\"code\":\"rate_limit\"}}
* Connection #0 to host api.stripe.com left intact
";

const PYTHON: &str = "\
send: b'GET /v1/charges/1 HTTP/1.1\\r\\nHost: api.stripe.com\\r\\nUser-Agent: python-requests/2.31.0\\r\\n\\r\\n'
reply: 'HTTP/1.1 200 OK\\r\\n'
header: Date: Sun, 22 Nov 2026 03:51:46 GMT
header: Content-Type: application/json
send: b'GET /v1/charges/2 HTTP/1.1\\r\\nHost: api.stripe.com\\r\\n\\r\\n'
reply: 'HTTP/1.1 503 Service Unavailable\\r\\n'
header: Date: Sun, 22 Nov 2026 03:51:47 GMT
send: b'GET /v1/charges/3 HTTP/1.1\\r\\nHost: api.stripe.com\\r\\n\\r\\n'
reply: 'HTTP/1.1 429 Too Many Requests\\r\\n'
header: Date: Sun, 22 Nov 2026 03:51:48 GMT
";

const WIRE: &str = "\
2026-11-22 03:51:46,120 DEBUG [main] org.apache.http.wire - http-outgoing-0 >> \"GET /v1/charges/1 HTTP/1.1[\\r][\\n]\"
2026-11-22 03:51:46,121 DEBUG [main] org.apache.http.wire - http-outgoing-0 >> \"Host: api.stripe.com[\\r][\\n]\"
2026-11-22 03:51:46,122 DEBUG [main] org.apache.http.wire - http-outgoing-0 >> \"[\\r][\\n]\"
2026-11-22 03:51:46,320 DEBUG [main] org.apache.http.wire - http-outgoing-0 << \"HTTP/1.1 200 OK[\\r][\\n]\"
2026-11-22 03:51:46,321 DEBUG [main] org.apache.http.wire - http-outgoing-0 << \"[\\r][\\n]\"
2026-11-22 03:51:47,120 DEBUG [main] org.apache.http.wire - http-outgoing-1 >> \"GET /v1/charges/2 HTTP/1.1[\\r][\\n]\"
2026-11-22 03:51:47,121 DEBUG [main] org.apache.http.wire - http-outgoing-1 >> \"Host: api.stripe.com[\\r][\\n]\"
2026-11-22 03:51:47,122 DEBUG [main] org.apache.http.wire - http-outgoing-1 >> \"[\\r][\\n]\"
2026-11-22 03:51:47,320 DEBUG [main] org.apache.http.wire - http-outgoing-1 << \"HTTP/1.1 503 Service Unavailable[\\r][\\n]\"
2026-11-22 03:51:47,321 DEBUG [main] org.apache.http.wire - http-outgoing-1 << \"[\\r][\\n]\"
";

const CALLS: &str = "SELECT line, method, host, url, status, outcome FROM exchanges ORDER BY line";

/// What a run over the whole gives.
fn at_once(name: &str, content: &str) -> Vec<Value> {
    let world = World::new();
    world.file("data/mask.key", [7; 32]);
    world.ingest([world.file(name, content)]);
    world.sql(CALLS)
}

/// Reads the file after each piece that was written to it.
fn in_pieces(name: &str, pieces: &[&str]) -> World {
    let world = World::new();
    world.file("data/mask.key", [7; 32]);
    let mut content = String::new();
    for piece in pieces {
        content.push_str(piece);
        let file = world.file(name, &content);
        // The beginning may hold nothing that is understood yet.
        world.run(["ingest".as_ref(), file.as_os_str()]);
    }
    world
}

#[track_caller]
fn check_pieces(name: &str, content: &str, cuts: &[usize]) {
    let expected = at_once(name, content);
    assert!(expected.len() >= 2, "{expected:?}");
    for cut in cuts {
        let world = in_pieces(name, &[&content[..*cut], &content[*cut..]]);
        assert_eq!(
            world.sql(CALLS),
            expected,
            "{name}, cut at {cut}: {}",
            &content[..*cut]
        );
        check_ids(&world);
    }
    let world = in_pieces(
        name,
        &[
            &content[..cuts[0]],
            &content[cuts[0]..cuts[1]],
            &content[cuts[1]..],
        ],
    );
    assert_eq!(world.sql(CALLS), expected, "{name}, in three pieces");
    check_ids(&world);
}

/// Every row has an id of its own, and those with a time are in the rates.
#[track_caller]
fn check_ids(world: &World) {
    let all = world.count("SELECT COUNT(*) FROM exchanges");
    assert_eq!(world.count("SELECT COUNT(DISTINCT id) FROM exchanges"), all);
    let timed = world.count("SELECT COUNT(*) FROM exchanges WHERE ts IS NOT NULL");
    assert_eq!(
        world.count("SELECT COALESCE(SUM(requests), 0) FROM rates"),
        timed
    );
}

/// Behind each of these lines, and within the one that follows.
fn cuts(content: &str, lines: &[usize]) -> Vec<usize> {
    let end = |n: usize| {
        content
            .lines()
            .take(n)
            .map(|line| line.len() + 1)
            .sum::<usize>()
    };
    lines.iter().flat_map(|n| [end(*n), end(*n) + 14]).collect()
}

#[test]
fn calls_of_curl_are_told_once_wherever_the_first_run_ended() {
    check_pieces(
        "curl.log",
        CURL,
        &cuts(CURL, &[5, 6, 7, 15, 17, 22, 24, 26]),
    );
}

#[test]
fn calls_of_python_are_told_once_wherever_the_first_run_ended() {
    check_pieces("debug.log", PYTHON, &cuts(PYTHON, &[1, 2, 4, 5, 7]));
}

#[test]
fn calls_on_the_wire_are_told_once_wherever_the_first_run_ended() {
    check_pieces("wire.log", WIRE, &cuts(WIRE, &[2, 3, 4, 6, 8]));
}

#[test]
fn a_call_without_an_answer_is_stored_when_none_can_come_any_more() {
    let world = World::new();
    let cut = cuts(CURL, &[24])[0];
    let file = world.file("curl.log", &CURL[..cut]);
    let run = world
        .run(["ingest", "--format", "json", &file.to_string_lossy()])
        .ok();
    check_numbers(&run.json(), &[("records", 2)]);
    assert!(
        run.err.contains("no answer yet") && run.err.contains("line 22"),
        "{}",
        run.err
    );
    age(&file);
    check_numbers(&world.ingest([&file]), &[("records", 1)]);
    check_numbers(&world.ingest([&file]), &[("records", 0)]);
    let unanswered = "SELECT COUNT(*) FROM exchanges WHERE outcome = 'no_response'";
    assert_eq!(world.count(unanswered), 2);
    check_ids(&world);
}

/// A row has no sign of its end but the end of the line.
#[test]
fn a_row_that_is_cut_in_its_last_cell_is_stored_with_the_whole_of_it() {
    let row = |n: u32| {
        format!(
            "2026-11-22T03:00:0{n}Z,GET,https://api.stripe.com/v1/charges/{n},200,{}\n",
            120 + n
        )
    };
    let rows = |count| (0..count).map(row).collect::<String>();
    let table = |count| format!("time,method,url,status,duration_ms\n{}", rows(count));
    let content = table(5);
    let sum = "SELECT COUNT(*) * 1000000 + CAST(SUM(duration_ms) AS BIGINT) FROM exchanges";
    for cut in [2, 3, 4, 6, 20] {
        let at = content.len() - cut;
        let world = in_pieces("calls.csv", &[&content[..at], "", &content[at..]]);
        assert_eq!(world.count(sum), 5_000_610, "cut {cut} before the end");
        check_ids(&world);
    }
    // A table that ends like its other rows is whole, and so is one that nobody writes to.
    let world = World::new();
    let whole = world.file("whole.csv", table(6).trim_end());
    check_numbers(&world.ingest([&whole]), &[("records", 6)]);
    let last = "2026-11-22T03:00:09Z,GET,https://api.stripe.com/v1/x,200,7";
    let old = world.file(
        "old.csv",
        format!("{}{last}", table(7).replace("charges", "orders")),
    );
    let run = world
        .run(["ingest", "--format", "json", &old.to_string_lossy()])
        .ok();
    assert!(run.err.contains("may be half a line"), "{}", run.err);
    check_numbers(&run.json(), &[("records", 7), ("rejected", 1)]);
    age(&old);
    check_numbers(&world.ingest([&old]), &[("records", 1)]);
    check_numbers(&world.ingest([&old]), &[("records", 0)]);
}

/// As if it had been written some time ago.
fn age(file: &Path) {
    let file = std::fs::File::options()
        .write(true)
        .open(file)
        .expect("opens");
    let before = SystemTime::now() - Duration::from_secs(120);
    file.set_modified(before).expect("aged");
}
