//! `tidemark key`: the masking key, and the former ones that are kept.

use std::io::{self, IsTerminal, Read};
use std::time::Duration;

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{Column, print_object, print_rows_of};
use crate::keys::{Entry, KeyError};
use crate::live::LOOKED_EVERY;
use crate::mask::{KINDS, Masker};
use crate::model::time::Timestamp;

const SCHEMA: &str = "tidemark.key/1";

/// Columns of `exchanges` that may hold a stand-in.
const SEARCHED: [&str; 16] = [
    "tenant",
    "client",
    "principal",
    "operation",
    "url",
    "error_code",
    "error_message",
    "request_id",
    "vendor_request_id",
    "trace_id",
    "idempotency_key",
    "request_headers",
    "request_body",
    "response_headers",
    "response_body",
    "raw",
];

/// The longest thing that one looks for is a private key in PEM.
const VALUE_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// The key in use and the former ones that are kept: ids, ages, places; never what is in them
    ///
    /// The id stands in each stand-in that was made with the key: ‹email:ab12:…› was made with the key ab12.
    List,
    /// Make a new key and use it from now on; the former one is kept until it is forgotten
    ///
    /// A running service takes the new key within seconds, without a restart; a run of `ingest` that has begun ends
    /// under the key it began with. From then on a value has another stand-in than before: counts of distinct
    /// principals or clients over the moment of the rotation count a value twice, and a call whose attempts lie on both
    /// sides of it counts as two. `tidemark key stand-in` tells both stand-ins of a value as long as the former key is
    /// kept.
    Rotate,
    /// Delete a former key for good: what stands for values under it can no longer be linked to a value by anyone
    ///
    /// Its file is overwritten and removed. The rows stay, and equal stand-ins in them stay equal; but nobody, not even
    /// who knows a value, can find out any more which stand-in is its. Copies of the file elsewhere (backups, snapshots
    /// of the disk) must be removed there.
    Forget {
        /// Id of a kept key, as `tidemark key list` shows it
        #[arg(required_unless_present = "older_than", conflicts_with = "older_than")]
        id: Option<String>,
        /// All kept keys that were replaced longer ago than this, such as 90d
        #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
        older_than: Option<Duration>,
    },
    /// What stands for a value, under the key in use and each kept one; the value is read from standard input
    ///
    /// So the data of a person can be found, and then removed: each stand-in has a mark (keyid:code), which is the same
    /// whatever the value was taken for; the last line on standard error is SQL that looks for the marks. The value is
    /// what is meant, without escapes or a scheme such as Bearer.
    StandIn {
        /// What the value is [default: judged from the value, as in text]
        #[arg(long, value_parser = PossibleValuesParser::new(KINDS))]
        kind: Option<String>,
    },
}

pub fn run(world: &World, command: &KeyCommand) -> Result<Exit, Failure> {
    match command {
        KeyCommand::List => list(world),
        KeyCommand::Rotate => rotate(world),
        KeyCommand::Forget { id, older_than } => forget(world, id.as_deref(), *older_than),
        KeyCommand::StandIn { kind } => stand_in(world, kind.as_deref()),
    }
}

#[derive(Serialize)]
struct Listed {
    schema: &'static str,
    id: String,
    current: bool,
    made: Option<Timestamp>,
    replaced: Option<Timestamp>,
    from: String,
    /// Why it cannot be used.
    problem: Option<String>,
}

fn list(world: &World) -> Result<Exit, Failure> {
    let all = world.keys(&world.data()?)?.list()?;
    let rows: Vec<Listed> = all.into_iter().map(listed).collect();
    let columns = [
        column("KEY", |row: &Listed, _| row.id.clone()),
        column("STATE", |row, _| state(row).to_owned()),
        column("MADE", |row, shown| shown.time(row.made)),
        column("REPLACED", |row, shown| shown.time(row.replaced)),
        column("FROM", |row, _| row.from.clone()),
    ];
    let fields = ["id", "current", "made", "replaced", "from", "problem"];
    print_rows_of(world, &rows, &columns, &fields)?;
    for problem in rows.iter().filter_map(|row| row.problem.as_ref()) {
        world.say(&format!("warning: {problem}"));
    }
    world.say(match rows.len() {
        0 => "there is no masking key yet; it is made when the first log is read; next: tidemark ingest",
        1 => "one key and no former ones; next: tidemark key rotate",
        _ => "former keys are kept until they are forgotten; next: tidemark key forget ID",
    });
    Ok(Exit::Done)
}

fn listed(entry: Entry) -> Listed {
    Listed {
        schema: SCHEMA,
        id: entry.id,
        current: entry.is_current,
        made: entry.made,
        replaced: entry.replaced,
        from: entry.from,
        problem: entry.key.err().map(|error| error.to_string()),
    }
}

fn state(row: &Listed) -> &'static str {
    match (row.current, &row.problem) {
        (true, _) => "current",
        (false, None) => "kept",
        (false, Some(_)) => "damaged",
    }
}

#[derive(Serialize)]
struct Rotation {
    schema: &'static str,
    id: String,
    former: String,
    kept_in: String,
}

fn rotate(world: &World) -> Result<Exit, Failure> {
    let done = world.keys(&world.data()?)?.rotate()?;
    let rotation = Rotation {
        schema: SCHEMA,
        id: done.id,
        former: done.former,
        kept_in: done.kept_in.display().to_string(),
    };
    print_object(world, &rotation, || {
        let Rotation {
            id,
            former,
            kept_in,
            ..
        } = &rotation;
        format!("{id} is the key in use; {former} is kept in {kept_in}")
    })?;
    world.say(&format!(
        "a running service takes the new key within {} s; next: tidemark key forget {}, when its stand-ins need no \
         longer be found",
        LOOKED_EVERY.as_secs(),
        rotation.former
    ));
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Forgotten {
    schema: &'static str,
    forgotten: Vec<String>,
}

fn forget(world: &World, id: Option<&str>, older_than: Option<Duration>) -> Result<Exit, Failure> {
    let keys = world.keys(&world.data()?)?;
    let ids = match (id, older_than) {
        (Some(id), _) => vec![id.to_owned()],
        (None, age) => keys.replaced_before(earlier(world.now(), age.unwrap_or_default()))?,
    };
    ids.iter().try_for_each(|id| keys.forget(id))?;
    let done = Forgotten {
        schema: SCHEMA,
        forgotten: ids,
    };
    print_object(world, &done, || match done.forgotten.as_slice() {
        [] => "no kept key was replaced so long ago; nothing is forgotten".to_owned(),
        ids => format!("forgotten: {}", ids.join(", ")),
    })?;
    if !done.forgotten.is_empty() {
        world.say(
            "stand-ins under it can no longer be linked to a value by anyone; copies of the key in backups must be \
             removed there; next: tidemark key list",
        );
    }
    Ok(Exit::Done)
}

fn earlier(now: Timestamp, age: Duration) -> Timestamp {
    let micros = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_sub(micros))
}

#[derive(Serialize)]
struct Found {
    schema: &'static str,
    id: String,
    current: bool,
    kind: String,
    stand_in: String,
    mark: String,
}

fn stand_in(world: &World, kind: Option<&str>) -> Result<Exit, Failure> {
    let dir = world.data()?;
    let all = world.keys(&dir)?.list()?;
    if all.is_empty() {
        return Err(KeyError::None { dir }.into());
    }
    let value = read_value(world)?;
    let mut rows = Vec::new();
    for entry in all {
        match entry.key {
            Ok(key) => {
                let masker = Masker::new(key, world.config.mask.clone())?;
                rows.extend(find(&masker, entry.is_current, &value, kind));
            }
            Err(error) => world.say(&format!("warning: {error}")),
        }
    }
    if rows.is_empty() {
        return Err(Failure::usage(
            "what was given is a stand-in already; give the value itself",
        ));
    }
    let columns = [
        column("KEY", |row: &Found, _| row.id.clone()),
        column("KIND", |row, _| row.kind.clone()),
        column("STAND-IN", |row, _| row.stand_in.clone()),
        column("MARK", |row, _| row.mark.clone()),
    ];
    print_rows_of(world, &rows, &columns, &[])?;
    world.say(&format!("next: tidemark sql \"{}\"", search(&rows)));
    Ok(Exit::Done)
}

/// The rows in which one of the marks stands anywhere.
fn search(rows: &[Found]) -> String {
    let mut marks: Vec<&str> = rows.iter().map(|row| row.mark.as_str()).collect();
    marks.dedup();
    let (columns, marks) = (SEARCHED.join(", "), marks.join("|"));
    format!("SELECT id, ts FROM exchanges WHERE concat_ws(' ', {columns}) ~ '{marks}'")
}

fn find(masker: &Masker, current: bool, value: &str, kind: Option<&str>) -> Vec<Found> {
    let id = masker.key_id();
    let all = masker.stand_ins(value, kind).into_iter();
    all.map(|found| Found {
        schema: SCHEMA,
        id: id.clone(),
        current,
        kind: found.kind,
        stand_in: found.text,
        mark: found.mark,
    })
    .collect()
}

/// All of standard input but the end of its last line; of a terminal, one line.
fn read_value(world: &World) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error| Failure::input(format!("standard input: {error}"));
    let mut value = Zeroizing::new(String::new());
    let stdin = io::stdin();
    if stdin.is_terminal() {
        world.say("type the value and Enter");
        stdin.read_line(&mut value).map_err(unreadable)?;
    } else {
        let limit = VALUE_BYTES_MAX as u64 + 1;
        stdin
            .lock()
            .take(limit)
            .read_to_string(&mut value)
            .map_err(unreadable)?;
    }
    if value.len() > VALUE_BYTES_MAX {
        let most = VALUE_BYTES_MAX >> 10;
        return Err(Failure::input(format!(
            "standard input has more than {most} KiB, which is no single value"
        )));
    }
    let end = value.trim_end_matches(['\r', '\n']).len();
    value.truncate(end);
    match value.is_empty() {
        true => Err(Failure::usage(
            "give the value on standard input: tidemark key stand-in < file",
        )),
        false => Ok(value),
    }
}

fn column<T>(title: &'static str, cell: fn(&T, &crate::cli::output::Shown) -> String) -> Column<T> {
    Column {
        title,
        right: false,
        cell,
    }
}
