//! Gzip files as they come: several members one after the other, and zeros behind the last, which fill up blocks of
//! tapes and of some stores.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

pub struct Members<R> {
    /// None behind the last.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    pub fn new(source: R) -> Self {
        Self {
            member: Some(GzDecoder::new(source)),
        }
    }

    /// What follows a member that has ended.
    fn go_on(&mut self) -> io::Result<()> {
        if let Some(ended) = self.member.take() {
            let mut rest = ended.into_inner();
            if skip_zeros(&mut rest)? {
                self.member = Some(GzDecoder::new(rest));
            }
        }
        Ok(())
    }
}

/// Whether anything else follows.
fn skip_zeros(source: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = source.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        let only_zeros = zeros == bytes.len();
        source.consume(zeros);
        if !only_zeros {
            return Ok(true);
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            match member.read(out) {
                Ok(0) if !out.is_empty() => self.go_on()?,
                read => return read,
            }
        }
        Ok(0)
    }
}
