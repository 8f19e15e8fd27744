//! Asks the program: counts in a file, episodes as JSON.

use std::fmt::Write;

use serde_json::Value;
use tidemark::model::time::Timestamp;

use crate::episodes::library::{INTEGRATION, at};
use crate::episodes::sample::Sampled;
use crate::episodes::scene::{BEGIN, Class, Scene};
use crate::episodes::score::Said;
use crate::world::{Run, World};

/// A program that stands elsewhere, say a release build.
const PROGRAM: &str = "TIDEMARK_BIN";

pub fn judge(world: &World, scene: &Scene, sampled: &[Sampled]) -> Vec<Said> {
    let file = world.file("counts.csv", csv(scene, sampled));
    let mut command = match std::env::var(PROGRAM) {
        Ok(program) => world.command_through(&program),
        Err(_) => world.command(),
    };
    command.args(["assess", "--replay", "--format", "jsonl", "--counts"]);
    let run = Run::of(command.arg(file).output().expect("the program starts")).ok();
    run.rows().iter().filter_map(said).collect()
}

/// A last window without a request says until when the counts go.
fn csv(scene: &Scene, sampled: &[Sampled]) -> String {
    let mut text = "window_start,window_s,integration,operation,requests,throttled,server_errors,no_response\n".to_owned();
    for one in sampled {
        let operation = one.operation.unwrap_or_default();
        for counts in &one.counts {
            writeln!(
                text,
                "{},60,{INTEGRATION},{operation},{},{},{},{}",
                at(counts.minute),
                counts.requests,
                counts.throttled,
                counts.server_errors,
                counts.no_response
            )
            .expect("into a string");
        }
        let last = at(scene.minutes - 1);
        writeln!(text, "{last},60,{INTEGRATION},{operation},0,0,0,0").expect("into a string");
    }
    text
}

fn said(row: &Value) -> Option<Said> {
    let text = |name: &str| row[name].as_str();
    let minute = |name: &str| {
        let at: Timestamp = text(name)?.parse().expect("a time");
        Some((at.secs() - BEGIN) as f64 / 60.0)
    };
    let number = |name: &str| row[name].as_f64();
    Some(Said {
        class: match row["series"]["class"].as_str()? {
            "5xx" => Class::Server,
            "429" => Class::Throttled,
            "no_response" => Class::None,
            _ => return None,
        },
        operation: row["series"]["operation"].as_str().map(str::to_owned),
        onset: minute("onset")?,
        low: minute("onset_low")?,
        high: minute("onset_high")?,
        end: minute("end"),
        alert: minute("alert_time")?,
        reproducible: text("reason") == Some("reproducible"),
        rise: number("rise_factor")
            .zip(number("rise_low"))
            .zip(number("rise_high"))
            .map(|((factor, low), high)| [factor, low, high]),
    })
}
