//! Random values that are the same for the same seed on every machine and with every version of every library.

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// SplitMix64: a few lines, and good enough for test data.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x005E_ED0F_7A11)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Another source, so that what is drawn from one does not move what is drawn from the other.
    pub fn branch(&mut self) -> Self {
        Self(self.next())
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Both ends included.
    pub fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn signs(&mut self, alphabet: &[u8], count: usize) -> String {
        let sign = |_| char::from(*self.pick(alphabet));
        (0..count).map(sign).collect()
    }

    pub fn word(&mut self, count: usize) -> String {
        self.signs(ALPHANUMERIC, count)
    }

    pub fn digits(&mut self, count: usize) -> String {
        self.signs(b"0123456789", count)
    }

    pub fn hex(&mut self, count: usize) -> String {
        self.signs(b"0123456789abcdef", count)
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }

    pub fn uuid(&mut self) -> String {
        let [a, b, c, d, e] = [8, 4, 3, 3, 12].map(|count| self.hex(count));
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }
}
