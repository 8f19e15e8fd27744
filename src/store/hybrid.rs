//! Numbers of a few bits each as Parquet writes them in dictionary and level pages: runs of equal ones, and the rest
//! packed in groups of eight ("RLE/Bit-Packing Hybrid", Parquet's Encodings.md).

/// A run that is shorter is packed with its neighbours.
const RUN_MIN: usize = 16;
const GROUP: usize = 8;

/// Bits that the largest number needs.
pub fn width_of(largest: u32) -> u32 {
    u32::BITS - largest.leading_zeros()
}

/// Appends `values`, none of which needs more than `width` bits.
pub fn write(values: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut packed, mut at) = (0, 0);
    while at < values.len() {
        let run = run_at(&values[at..]);
        if run >= RUN_MIN || at + run == values.len() && packed == at {
            write_packed(&values[packed..at], width, out);
            write_run(run, values[at], width, out);
            at += run;
            packed = at;
        } else {
            at += GROUP.min(values.len() - at);
        }
    }
    write_packed(&values[packed..], width, out);
}

/// How many values from the first on are equal.
fn run_at(values: &[u32]) -> usize {
    values
        .iter()
        .take_while(|value| **value == values[0])
        .count()
}

/// Appends one value, `run` times.
pub fn write_run(run: usize, value: u32, width: u32, out: &mut Vec<u8>) {
    write_varint((run as u64) << 1, out);
    let bytes = width.div_ceil(8) as usize;
    out.extend_from_slice(&value.to_le_bytes()[..bytes]);
}

/// Whole groups; the last one of a page is filled up with zeros.
fn write_packed(values: &[u32], width: u32, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    write_varint((groups as u64) << 1 | 1, out);
    out.reserve(groups * width as usize + size_of::<u64>());
    let (mut bits, mut filled) = (0_u64, 0);
    let fill = std::iter::repeat_n(&0, groups * GROUP - values.len());
    for value in values.iter().chain(fill) {
        bits |= u64::from(*value) << filled;
        filled += width;
        if filled >= 32 {
            out.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            filled -= 32;
        }
    }
    out.extend_from_slice(&bits.to_le_bytes()[..filled.div_ceil(8) as usize]);
}

fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_varint(bytes: &mut &[u8]) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return number;
            }
        }
    }

    /// Reads the hybrid as its specification says.
    fn read(mut bytes: &[u8], width: u32) -> Vec<u32> {
        let mut values = Vec::new();
        while !bytes.is_empty() {
            let head = read_varint(&mut bytes);
            let n = (head >> 1) as usize;
            if head & 1 == 0 {
                let mut value = [0; 4];
                let len = width.div_ceil(8) as usize;
                value[..len].copy_from_slice(&bytes[..len]);
                bytes = &bytes[len..];
                values.extend(std::iter::repeat_n(u32::from_le_bytes(value), n));
                continue;
            }
            for at in 0..n * GROUP {
                let bit = |i: u32| {
                    let at = at * width as usize + i as usize;
                    u32::from(bytes[at / 8] >> (at % 8) & 1) << i
                };
                values.push((0..width).map(bit).sum());
            }
            bytes = &bytes[n * width as usize..];
        }
        values
    }

    #[track_caller]
    fn check(values: &[u32]) {
        let width = width_of(values.iter().copied().max().unwrap_or_default());
        let mut out = Vec::new();
        write(values, width, &mut out);
        let mut got = read(&out, width);
        assert!(got.len() >= values.len() && got.len() < values.len() + GROUP);
        got.truncate(values.len());
        assert_eq!(got, values);
    }

    #[test]
    fn what_is_written_reads_back() {
        check(&[]);
        check(&[0; 1000]);
        check(&[7]);
        check(&[0, 1]);
        for (modulus, run) in [
            (2, 1),
            (3, 5),
            (9, 20),
            (1 << 9, 1),
            (70_000, 3),
            (u32::MAX, 1),
        ] {
            for len in [1, 7, 8, 9, 100, 1_001] {
                let value = |n: u32| (n / run).wrapping_mul(2_654_435_761) % modulus;
                check(&(0..len).map(value).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn runs_cost_next_to_nothing() {
        let mut out = Vec::new();
        write(&[3; 100_000], 2, &mut out);
        assert!(out.len() <= 5, "{}", out.len());
    }
}
