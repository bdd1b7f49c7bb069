//! The few shapes of Protocol Buffers that OTLP's logs are made of, appended to a buffer. A generated model of them
//! would be built anew for each event, with a copy of every text.

/// A number of seven bits a byte, the lowest first, and how many bytes it takes.
fn seven_bits(mut number: u64) -> ([u8; 10], usize) {
    let (mut bytes, mut used) = ([0; 10], 0);
    for byte in &mut bytes {
        used += 1;
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        *byte = if number > 0 { low | 0x80 } else { low };
        if number == 0 {
            break;
        }
    }
    (bytes, used)
}

/// Appends a number.
fn varint(out: &mut Vec<u8>, number: u64) {
    let (bytes, used) = seven_bits(number);
    out.extend(bytes.into_iter().take(used));
}

/// How many bytes a length takes.
pub(crate) fn varint_size(length: usize) -> usize {
    seven_bits(as_number(length)).1
}

fn as_number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Appends a field that is a varint.
pub(crate) fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    varint(out, value);
}

/// Appends a field of eight bytes.
pub(crate) fn fixed64(out: &mut Vec<u8>, field: u8, value: [u8; 8]) {
    out.push(field << 3 | 1);
    out.extend_from_slice(&value);
}

/// Appends a field of bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    head(out, field, value.len());
    out.extend_from_slice(value);
}

/// Appends a field of so many bytes, which follow.
pub(crate) fn head(out: &mut Vec<u8>, field: u8, length: usize) {
    out.push(field << 3 | 2);
    varint(out, as_number(length));
}

/// Appends a field that is a message, which `fill` writes.
pub(crate) fn message(out: &mut Vec<u8>, field: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    out.push(field << 3 | 2);
    let at = out.len();
    // Room for the length of a short message, which most are.
    out.push(0);
    fill(out);
    let (length, used) = seven_bits(as_number(out.len() - at - 1));
    match out.get_mut(at) {
        Some(place) if used == 1 => *place = length[0],
        _ => drop(out.splice(at..=at, length.into_iter().take(used))),
    }
}

/// A value as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A varint.
    Number(u64),
    /// Bytes, a text or a message.
    Bytes(&'a [u8]),
    /// Four or eight bytes.
    Fixed,
}

/// The fields of a message; the last is none where the message is broken.
#[derive(Debug)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let head = self.varint()?;
        let value = match head & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_bytes| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_bytes| Value::Fixed)?,
            _ => return None,
        };
        // There is no field of number 0.
        (head >> 3 > 0).then_some((head >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}
