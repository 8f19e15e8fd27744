//! Random counts that are the same for the same seed on every machine and with every version of every library.

/// SplitMix64 (Steele et al. 2014): a few lines, and good enough for test data.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed ^ 0x7D1E_5EED_0FC0_4775);
        random.0 = random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Another source, so that what is drawn from one does not move what is drawn from the other.
    pub fn branch(&mut self) -> Self {
        Self::new(self.next())
    }

    /// In 0..1, never quite 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    /// Each factor as likely as the next: for rates and volumes, which span orders of magnitude.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        (self.within(low.ln(), high.ln())).exp()
    }

    /// Both ends included.
    pub fn between(&mut self, first: usize, last: usize) -> usize {
        first + (self.next() % (last - first + 1) as u64) as usize
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    pub fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.between(0, all.len() - 1)]
    }

    /// Box and Muller 1958.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// Exact for small means; beyond, the normal is as good as counts can tell.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 50.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }

    pub fn binomial(&mut self, n: u64, share: f64) -> u64 {
        let share = share.clamp(0.0, 1.0);
        if n <= 40 {
            return (0..n).map(|_| u64::from(self.share() < share)).sum();
        }
        if share > 0.5 {
            return n - self.binomial(n, 1.0 - share);
        }
        let mean = n as f64 * share;
        if mean < 30.0 {
            return self.poisson(mean).min(n);
        }
        let draw = mean + (mean * (1.0 - share)).sqrt() * self.normal();
        (draw.round().max(0.0) as u64).min(n)
    }
}
