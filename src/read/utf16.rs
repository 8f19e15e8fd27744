//! Text in UTF-16, as Windows programs and PowerShell's redirection write it, to UTF-8 as it is read, and back.

use std::io::{self, Read};

/// Which byte of a unit comes first, by the mark at the beginning of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Little,
    Big,
}

impl Order {
    pub fn of_mark(magic: &[u8]) -> Option<Self> {
        match magic {
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            _ => None,
        }
    }
}

/// The way back.
pub fn encode(text: &[u8], order: Order) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let bytes = |unit: u16| match order {
        Order::Little => unit.to_le_bytes(),
        Order::Big => unit.to_be_bytes(),
    };
    text.encode_utf16().flat_map(bytes).collect()
}

/// Units decoded at once.
const UNITS_MAX: usize = 16 * 1024;

pub struct Utf16<R> {
    source: R,
    order: Order,
    /// Read and not yet decoded: half a unit, or the first half of a pair.
    pending: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16<R> {
    pub fn new(source: R, order: Order) -> Self {
        Self {
            source,
            order,
            pending: Vec::new(),
            decoded: Vec::new(),
            given: 0,
        }
    }

    /// Decodes what comes next; nothing at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.given = 0;
        self.decoded.clear();
        while self.decoded.is_empty() {
            let more = (&mut self.source)
                .take(2 * UNITS_MAX as u64)
                .read_to_end(&mut self.pending)?;
            let ends = more == 0;
            let units = self.whole_units(ends);
            let text: String = char::decode_utf16(units)
                .map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            self.decoded = text.into_bytes();
            if ends {
                break;
            }
        }
        Ok(())
    }

    /// Takes what is whole: a pair is not torn apart unless nothing more comes.
    fn whole_units(&mut self, ends: bool) -> Vec<u16> {
        let unit = |pair: &[u8]| match self.order {
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        };
        let mut units: Vec<u16> = self.pending.chunks_exact(2).map(unit).collect();
        let opens_pair = |unit: &u16| (0xd800..0xdc00).contains(unit);
        if !ends && units.last().is_some_and(opens_pair) {
            units.pop();
        }
        self.pending.drain(..2 * units.len());
        units
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.fill()?;
        }
        let rest = &self.decoded[self.given..];
        let n = rest.len().min(out.len());
        out[..n].copy_from_slice(&rest[..n]);
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_orders_give_the_same_text() {
        let text = format!("\u{feff}{}é€😀\r\nend", "x".repeat(2 * UNITS_MAX - 6));
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        for bytes in [little, big] {
            let order = Order::of_mark(&bytes).expect("a mark");
            let mut decoded = String::new();
            Utf16::new(&bytes[..], order)
                .read_to_string(&mut decoded)
                .expect("decodes");
            assert_eq!(decoded, text);
            assert_eq!(encode(decoded.as_bytes(), order), bytes);
        }
    }

    #[test]
    fn what_is_torn_is_replaced() {
        let mut decoded = String::new();
        Utf16::new(&[b'a', 0, 0x3d, 0xd8, b'b', 0, b'c'][..], Order::Little)
            .read_to_string(&mut decoded)
            .expect("decodes");
        assert_eq!(decoded, "a\u{fffd}b");
    }
}
