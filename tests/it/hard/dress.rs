//! How a sign is written in each grammar: percent-encoding, forms, JSON, XML, and what servers and programs escape.

use crate::hard::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// RFC 3986: all but the unreserved.
    Percent,
    PercentLower,
    /// What browsers leave of a query: `@`, `:`, `/` and the like stand.
    PercentLax,
    /// Every sign, letters too.
    PercentAll,
    /// `application/x-www-form-urlencoded`: a blank is a plus.
    Form,
    Json,
    JsonAscii,
    /// Solidus escaped, as PHP does.
    JsonSlash,
    /// What Go, Gson and .NET escape for HTML's sake.
    JsonHtml,
    Xml,
    XmlDecimal,
    XmlHex,
    /// `\x22`, as nginx writes what could end a field.
    Nginx,
    Apache,
    /// The inside of `b'…'`.
    Python,
    /// A line end as `[\r][\n]`, in the wire log of Apache's client.
    Wire,
}

pub const QUERY: [Dress; 6] = [
    Dress::Percent,
    Dress::Percent,
    Dress::PercentLower,
    Dress::PercentLax,
    Dress::PercentAll,
    Dress::Form,
];
pub const JSON: [Dress; 5] = [
    Dress::Json,
    Dress::Json,
    Dress::JsonAscii,
    Dress::JsonSlash,
    Dress::JsonHtml,
];
pub const XML: [Dress; 4] = [Dress::Xml, Dress::Xml, Dress::XmlDecimal, Dress::XmlHex];

pub fn pick(random: &mut Random, of: &[Dress]) -> Dress {
    *random.pick(of)
}

impl Dress {
    pub fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::PercentLower => "percent, lower case",
            Self::PercentLax => "percent, lax",
            Self::PercentAll => "percent, all",
            Self::Form => "form",
            Self::Json => "JSON",
            Self::JsonAscii => "JSON, ASCII",
            Self::JsonSlash => "JSON, solidus",
            Self::JsonHtml => "JSON, HTML-safe",
            Self::Xml => "XML",
            Self::XmlDecimal => "XML, decimal",
            Self::XmlHex => "XML, hex",
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Python => "Python",
            Self::Wire => "wire",
        }
    }

    pub fn write(self, text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            self.sign(c, &mut out);
        }
        out
    }

    fn sign(self, c: char, out: &mut String) {
        match self {
            Self::Percent | Self::PercentLower | Self::PercentLax | Self::PercentAll => {
                self.percent(c, out);
            }
            Self::Form if c == ' ' => out.push('+'),
            Self::Form => Self::Percent.percent(c, out),
            Self::Json | Self::JsonAscii | Self::JsonSlash | Self::JsonHtml => self.json(c, out),
            Self::Xml | Self::XmlDecimal | Self::XmlHex => self.xml(c, out),
            Self::Nginx | Self::Apache | Self::Python => self.program(c, out),
            Self::Wire => wire(c, out),
        }
    }

    fn percent(self, c: char, out: &mut String) {
        let unreserved = c.is_ascii_alphanumeric() || "-._~".contains(c);
        let left = self == Self::PercentLax && "@:!$'()*,;/".contains(c);
        if self != Self::PercentAll && (unreserved || left) {
            return out.push(c);
        }
        for b in c.to_string().bytes() {
            out.push_str(&match self {
                Self::PercentLower => format!("%{b:02x}"),
                _ => format!("%{b:02X}"),
            });
        }
    }

    fn json(self, c: char, out: &mut String) {
        let html = self == Self::JsonHtml && "<>&'+=".contains(c);
        let wide = self == Self::JsonAscii && !c.is_ascii();
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' => out.extend(['\\', c]),
            '/' if self == Self::JsonSlash => out.push_str("\\/"),
            _ if html || wide || c < ' ' => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(c),
        }
    }

    fn xml(self, c: char, out: &mut String) {
        let numbered = "@+=&<>\"'".contains(c) || !c.is_ascii();
        match (self, c) {
            (Self::XmlDecimal, _) if numbered => out.push_str(&format!("&#{};", u32::from(c))),
            (Self::XmlHex, _) if numbered => out.push_str(&format!("&#x{:X};", u32::from(c))),
            (_, '&') => out.push_str("&amp;"),
            (_, '<') => out.push_str("&lt;"),
            (_, '>') => out.push_str("&gt;"),
            (_, '"') => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }

    fn program(self, c: char, out: &mut String) {
        let plain = (' '..='~').contains(&c);
        match (self, c) {
            (Self::Nginx, '"' | '\\') => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            (Self::Apache, '"' | '\\') | (Self::Python, '\'' | '\\') => out.extend(['\\', c]),
            (Self::Apache | Self::Python, '\n') => out.push_str("\\n"),
            (Self::Apache | Self::Python, '\r') => out.push_str("\\r"),
            _ if plain => out.push(c),
            (Self::Nginx, _) => bytes(c, |b| format!("\\x{b:02X}"), out),
            _ => bytes(c, |b| format!("\\x{b:02x}"), out),
        }
    }
}

fn bytes(c: char, write: fn(u8) -> String, out: &mut String) {
    for b in c.to_string().bytes() {
        out.push_str(&write(b));
    }
}

fn wire(c: char, out: &mut String) {
    match c {
        '\r' => out.push_str("[\\r]"),
        '\n' => out.push_str("[\\n]"),
        _ => out.push(c),
    }
}
