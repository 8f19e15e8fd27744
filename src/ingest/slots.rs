//! A file with the marks of one source: which lines have one, and where it stands.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// The first lines of a source all have a mark: most parts that are copied are as short.
const DENSE: u64 = 16_384;

/// Marks behind those; when they are used up, every second one goes. With 4 bytes each, a source takes 128 KB at most.
const SPARSE: u64 = 16_384;

const HEADER_BYTES: u64 = 8;
const MARK_BYTES: u64 = 4;

/// Every so many lines have a mark behind the first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(u64);

impl Step {
    pub const FIRST: Self = Self(1);

    /// Where the mark of a line stands; lines count from 1.
    pub fn slot(self, line: u64) -> Option<u64> {
        match line.checked_sub(DENSE) {
            None | Some(0) => line.checked_sub(1),
            Some(behind) => behind
                .is_multiple_of(self.0)
                .then(|| DENSE + behind / self.0),
        }
    }

    fn fits(self, line: u64) -> bool {
        line.saturating_sub(DENSE) / self.0 < SPARSE
    }
}

/// All marks of a source; 0 where there is none.
pub fn read(path: &Path) -> io::Result<(Step, Vec<u32>)> {
    let bytes = fs::read(path)?;
    let (step, marks) = bytes
        .split_first_chunk()
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let (marks, _) = marks.as_chunks();
    let marks = marks.iter().map(|mark| u32::from_le_bytes(*mark)).collect();
    Ok((Step(u64::from_le_bytes(*step).max(1)), marks))
}

/// Writes marks of lines, which go up; gives how dense they are from now on.
pub fn write(path: &Path, mut step: Step, found: &[(u64, u32)]) -> io::Result<Step> {
    let last = found.last().map_or(0, |(line, _)| *line);
    if !path.exists() {
        begin(path, step)?;
    }
    while !step.fits(last) {
        step = thin(path)?;
    }
    let mut file = OpenOptions::new().write(true).open(path)?;
    let (mut run, mut next) = (Vec::new(), None);
    for (line, mark) in found {
        let Some(slot) = step.slot(*line) else {
            continue;
        };
        if next != Some(slot) {
            file.write_all(&std::mem::take(&mut run))?;
            file.seek(SeekFrom::Start(HEADER_BYTES + slot * MARK_BYTES))?;
        }
        run.extend_from_slice(&mark.to_le_bytes());
        next = Some(slot + 1);
    }
    file.write_all(&run)?;
    Ok(step)
}

/// Forgets the marks behind so many lines.
pub fn cut(path: &Path, step: Step, lines: u64) -> io::Result<()> {
    let first_wrong = (lines + 1..).find_map(|line| step.slot(line)).unwrap_or(0);
    let file = OpenOptions::new().write(true).open(path)?;
    let length = HEADER_BYTES + first_wrong * MARK_BYTES;
    match file.metadata()?.len() > length {
        true => file.set_len(length),
        false => Ok(()),
    }
}

fn begin(path: &Path, step: Step) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create(path)?.write_all(&step.0.to_le_bytes())
}

/// Leaves every second one of the marks that are not dense.
fn thin(path: &Path) -> io::Result<Step> {
    let (Step(step), marks) = read(path)?;
    let (dense, sparse) = marks.split_at(marks.len().min(DENSE as usize));
    let kept = dense.iter().chain(sparse.iter().step_by(2));
    let step = Step(step * 2);
    let mut bytes = step.0.to_le_bytes().to_vec();
    bytes.extend(kept.flat_map(|mark| mark.to_le_bytes()));
    let beside = path.with_extension("new");
    fs::write(&beside, bytes)?;
    fs::rename(beside, path)?;
    Ok(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if each line's mark were its number.
    fn check(marks: &Path, lines: u64) -> u64 {
        let (step, marks) = read(marks).expect("reads");
        let of = |line: u64| marks.get(step.slot(line)? as usize).copied();
        let found: Vec<u64> = (1..=lines)
            .filter(|line| of(*line).is_some_and(|m| m != 0))
            .collect();
        assert!(found.iter().all(|line| of(*line) == Some(*line as u32)));
        assert!((1..=DENSE.min(lines)).all(|line| of(line) == Some(line as u32)));
        found.len() as u64
    }

    #[test]
    fn marks_grow_thin_and_stay_true() {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("marks/one");
        let lines = DENSE + 5 * SPARSE;
        let mut step = Step::FIRST;
        for from in (1..=lines).step_by(1000) {
            let found: Vec<_> = (from..(from + 1000).min(lines + 1))
                .filter(|line| step.slot(*line).is_some())
                .map(|line| (line, line as u32))
                .collect();
            step = write(&path, step, &found).expect("written");
        }
        let kept = check(&path, lines);
        assert!(
            (DENSE + SPARSE / 2..=DENSE + SPARSE).contains(&kept),
            "{kept}"
        );
        cut(&path, step, DENSE + SPARSE).expect("cut");
        assert_eq!(check(&path, lines), DENSE + SPARSE / step.0);
        cut(&path, step, 10).expect("cut");
        assert_eq!(
            read(&path).expect("reads").1,
            (1..=10).collect::<Vec<u32>>()
        );
    }
}
