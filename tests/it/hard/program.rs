//! The program under test, as anybody would run it: one file in, one file out.

use std::path::Path;
use std::process::Command;

use crate::hard::cases::Case;
use crate::world::{Run, World};

/// A program that stands elsewhere, say a release build.
const PROGRAM: &str = "TIDEMARK_BIN";

pub fn command(world: &World) -> Command {
    match std::env::var(PROGRAM) {
        Ok(program) => world.command_through(&program),
        Err(_) => world.command(),
    }
}

/// Each record with a line before it that says which it is, so that no two are taken for one.
fn heading(number: usize) -> String {
    format!("----- record {number} -----\n")
}

/// What comes out for each record, and what a second run makes of that.
pub fn mask(world: &World, cases: &[Case]) -> (Vec<String>, Vec<String>) {
    let mut text = String::new();
    for (number, case) in cases.iter().enumerate() {
        text.push_str(&heading(number));
        text.push_str(&case.text.written());
        text.push('\n');
    }
    let input = world.file("records.log", text);
    let once = masked(world, &input, "once.log");
    let twice = masked(world, &world.path("once.log"), "twice.log");
    [once, twice].map(|text| split(&text, cases)).into()
}

fn masked(world: &World, input: &Path, name: &str) -> String {
    let output = world.path(name);
    let mut command = command(world);
    command.arg("mask").arg(input).arg("-o").arg(&output);
    Run::of(command.output().expect("the program starts")).ok();
    std::fs::read_to_string(output).expect("UTF-8")
}

/// By count, since a heading that changed is a fault of its own.
#[track_caller]
fn split(text: &str, cases: &[Case]) -> Vec<String> {
    let mut lines = text.split('\n');
    let mut records = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let said = lines.next().unwrap_or_default();
        assert_eq!(
            format!("{said}\n"),
            heading(number),
            "the number of lines changed before this"
        );
        let record: Vec<&str> = lines.by_ref().take(case.lines()).collect();
        records.push(record.join("\n"));
    }
    assert_eq!(lines.collect::<Vec<_>>(), [""], "nothing follows");
    records
}
