//! What `mask` tells instead of a text: why each value was masked, how much of each position, and what other rules would
//! change.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::cli::World;
use crate::cli::exit::{Exit, Failure};
use crate::cli::mask::MaskArgs;
use crate::cli::output::{Column, Shown, percent, print_rows};
use crate::config;
use crate::mask::{
    Carried, Explanation, MaskCounts, MaskKey, MaskedBytes, Masker, Masking, Ready, Tried,
    try_examples,
};

const SCHEMA: &str = "tidemark.mask/1";

/// What is told, collected text by text.
pub struct Told {
    line: u64,
    told: Explanation,
    other: Option<Other>,
}

/// The same texts under other rules.
struct Other {
    masker: Masker,
    carried: Carried,
    line: u64,
    told: Explanation,
}

impl Told {
    /// `None` when nothing is to be told.
    pub fn new(world: &World, args: &MaskArgs) -> Result<Option<Self>, Failure> {
        let other = match &args.policy_diff {
            Some(path) => Some(Other::new(path)?),
            None if args.explain || args.dry_run => None,
            None => return Ok(None),
        };
        // Rules that do not compile are told before anything is read.
        try_examples(&world.config.mask.rules, &world.config.mask.allow)?;
        Ok(Some(Self {
            line: 1,
            told: Explanation::default(),
            other,
        }))
    }

    pub fn mask(
        &mut self,
        masker: &Masker,
        ready: &Ready,
        carried: &mut Carried,
        counts: &mut MaskCounts,
    ) -> MaskedBytes {
        if let Some(other) = &mut self.other {
            other.mask(ready);
        }
        masker.explain(ready, carried, counts, &mut self.line, &mut self.told)
    }

    pub fn print(&self, world: &World, args: &MaskArgs) -> Result<(), Failure> {
        if let Some(other) = &self.other {
            return print_rows(world, &changes(&self.told, &other.told), &CHANGES);
        }
        if args.dry_run {
            return print_rows(world, &shares(&self.told), &SHARES);
        }
        let rows: Vec<MaskingRow> = self.told.maskings.iter().map(MaskingRow::of).collect();
        print_rows(world, &rows, &MASKINGS)?;
        if self.told.untold > 0 {
            world.say(&format!(
                "{} more were masked and are not told; --dry-run counts all",
                self.told.untold
            ));
        }
        Ok(())
    }
}

impl Other {
    fn new(path: &Path) -> Result<Self, Failure> {
        let config = config::load(Some(path))?;
        // What is compared is where something is masked, so any key will do.
        let masker = Masker::new(MaskKey::from_bytes([0; 32]), config.mask)?;
        Ok(Self {
            masker,
            carried: Carried::default(),
            line: 1,
            told: Explanation::default(),
        })
    }

    fn mask(&mut self, ready: &Ready) {
        let mut counts = MaskCounts::default();
        self.masker.explain(
            ready,
            &mut self.carried,
            &mut counts,
            &mut self.line,
            &mut self.told,
        );
    }
}

#[derive(Serialize)]
struct MaskingRow {
    schema: &'static str,
    #[serde(flatten)]
    masking: Masking,
}

impl MaskingRow {
    fn of(masking: &Masking) -> Self {
        Self {
            schema: SCHEMA,
            masking: masking.clone(),
        }
    }
}

const MASKINGS: [Column<MaskingRow>; 5] = [
    column("LINE", true, |row, _| row.masking.line.to_string()),
    column("POSITION", false, |row, _| row.masking.position.clone()),
    column("KIND", false, |row, _| row.masking.kind.to_owned()),
    column("RULE", false, |row, _| row.masking.rule.clone()),
    column("STANDS THERE NOW", false, |row, _| {
        row.masking.stand_in.clone()
    }),
];

#[derive(Serialize)]
struct ShareRow {
    schema: &'static str,
    position: String,
    values: u64,
    masked: u64,
    share: f64,
}

const SHARES: [Column<ShareRow>; 4] = [
    column("POSITION", false, |row, _| row.position.clone()),
    column("VALUES", true, |row, _| row.values.to_string()),
    column("MASKED", true, |row, _| row.masked.to_string()),
    column("SHARE", true, |row, _| percent(Some(row.share))),
];

fn shares(told: &Explanation) -> Vec<ShareRow> {
    let row = |(position, share): (&String, &crate::mask::Share)| ShareRow {
        schema: SCHEMA,
        position: position.clone(),
        values: share.values,
        masked: share.masked,
        share: share.masked as f64 / share.values.max(1) as f64,
    };
    told.shares.iter().map(row).collect()
}

#[derive(Serialize)]
struct ChangeRow {
    schema: &'static str,
    position: String,
    kind: &'static str,
    masked: u64,
    masked_there: u64,
}

const CHANGES: [Column<ChangeRow>; 4] = [
    column("POSITION", false, |row, _| row.position.clone()),
    column("KIND", false, |row, _| row.kind.to_owned()),
    column("MASKED NOW", true, |row, _| row.masked.to_string()),
    column("MASKED THERE", true, |row, _| row.masked_there.to_string()),
];

/// Where the two do not mask the same.
fn changes(now: &Explanation, there: &Explanation) -> Vec<ChangeRow> {
    let mut both: BTreeMap<(&str, &'static str), (u64, u64)> = BTreeMap::new();
    for ((position, kind), n) in &now.kinds {
        both.entry((position, kind)).or_default().0 += n;
    }
    for ((position, kind), n) in &there.kinds {
        both.entry((position, kind)).or_default().1 += n;
    }
    both.into_iter()
        .filter(|(_, (masked, masked_there))| masked != masked_there)
        .map(|((position, kind), (masked, masked_there))| ChangeRow {
            schema: SCHEMA,
            position: position.to_owned(),
            kind,
            masked,
            masked_there,
        })
        .collect()
}

const TRIED: [Column<Tried>; 4] = [
    column("RULE", false, |row, _| row.rule.clone()),
    column("VALUE", false, |row, _| row.value.clone()),
    column("SHOULD HOLD", false, |row, _| row.expected.to_string()),
    column("HOLDS", false, |row, _| row.holds.to_string()),
];

/// Tries the user's own rules on their examples, and shows those that failed.
pub fn test_rules(world: &World) -> Result<Exit, Failure> {
    let settings = &world.config.mask;
    // What rules say of each other is found when they are put together.
    world.passing_masker()?;
    let tried = try_examples(&settings.rules, &settings.allow)?;
    let all = tried.len();
    let failed: Vec<Tried> = tried
        .into_iter()
        .filter(|t| t.expected != t.holds)
        .collect();
    if failed.is_empty() {
        world.say(&format!("{all} examples hold"));
        return Ok(Exit::Done);
    }
    print_rows(world, &failed, &TRIED)?;
    world.say(&format!("{} of {all} examples do not hold", failed.len()));
    Ok(Exit::Found)
}

const fn column<T>(title: &'static str, right: bool, cell: fn(&T, &Shown) -> String) -> Column<T> {
    Column { title, right, cell }
}
