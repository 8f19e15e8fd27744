//! The protobuf wire format: the fields of one message, one by one and without copying.
//!
//! The few messages that are read have a handful of fields each. Walking them in place costs no memory that a hostile
//! body could multiply (two bytes can claim a whole message), and tells a file of spans from any other by itself.
//! Source: protobuf.dev, "Encoding".

/// A field's value. Fixed 32-bit numbers and varints alike are numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    Number(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
}

/// The bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Walks the fields of a message, up to the first that is damaged.
pub struct Fields<'a> {
    rest: &'a [u8],
    /// The message may go on behind what is there.
    is_cut: bool,
}

impl<'a> Fields<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            is_cut: false,
        }
    }

    /// The fields of a message's beginning: a value that ends behind it is given as far as it goes.
    pub fn cut(head: &'a [u8]) -> Self {
        Self {
            rest: head,
            is_cut: true,
        }
    }

    fn read(&mut self) -> Result<(u32, Value<'a>), Malformed> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).map_err(|_| Malformed)?;
        if number == 0 {
            return Err(Malformed);
        }
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Number(u32::from_le_bytes(self.array()?).into()),
            // Groups went out of use before any of these messages was made.
            _ => return Err(Malformed),
        };
        Ok((number, value))
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let (value, rest) = read_varint(self.rest).ok_or(Malformed)?;
        self.rest = rest;
        Ok(value)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let length = match self.is_cut {
            true => length.min(self.rest.len()),
            false => length,
        };
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Seven bits a byte, the low ones first; ten bytes at most.
pub fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (at, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}
