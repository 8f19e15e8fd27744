//! The colours of the chart by role, once a theme.
//!
//! Every role has its own colour within a theme, because the SVG writer gives each element the class of its role by
//! that colour; a page may then recolour the chart with a style sheet. Lines differ in dash and width too: nothing is
//! told by colour alone.

use plotters::style::RGBColor;

use crate::chart::spec::Theme;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Background,
    Text,
    Muted,
    Grid,
    Axis,
    ServerErrors,
    Throttled,
    NoResponse,
    Calls,
    Baseline,
    Incident,
    Onset,
}

impl Role {
    pub const ALL: [Self; 12] = [
        Self::Background,
        Self::Text,
        Self::Muted,
        Self::Grid,
        Self::Axis,
        Self::ServerErrors,
        Self::Throttled,
        Self::NoResponse,
        Self::Calls,
        Self::Baseline,
        Self::Incident,
        Self::Onset,
    ];

    /// The class of an element of this role is `tm-NAME-l` when it is a line and `tm-NAME-f` when it is filled.
    pub fn name(self) -> &'static str {
        match self {
            Self::Background => "bg",
            Self::Text => "text",
            Self::Muted => "muted",
            Self::Grid => "grid",
            Self::Axis => "axis",
            Self::ServerErrors => "5xx",
            Self::Throttled => "429",
            Self::NoResponse => "none",
            Self::Calls => "calls",
            Self::Baseline => "base",
            Self::Incident => "span",
            Self::Onset => "onset",
        }
    }

    /// Length of dash and gap in pixels; `None` for a solid line.
    pub fn dash(self) -> Option<(i32, i32)> {
        match self {
            Self::Throttled => Some((5, 3)),
            Self::NoResponse => Some((9, 3)),
            Self::Baseline => Some((2, 3)),
            _ => None,
        }
    }

    pub fn color(self, theme: Theme) -> RGBColor {
        let (light, dark) = match self {
            Self::Background => (0xff_ff_ff, 0x16_1b_22),
            Self::Text => (0x1f_23_28, 0xe6_ed_f3),
            Self::Muted => (0x56_60_6b, 0x9b_a6_b2),
            Self::Grid => (0xe4_e8_ec, 0x2b_32_3b),
            Self::Axis => (0x9a_a4_af, 0x58_63_70),
            Self::ServerErrors => (0xb4_23_18, 0xff_7b_72),
            Self::Throttled => (0x8a_57_00, 0xe3_b3_41),
            Self::NoResponse => (0x0b_62_a8, 0x58_a6_ff),
            Self::Calls => (0x9f_b3_c8, 0x4a_60_78),
            Self::Baseline => (0x1a_7f_4b, 0x56_d3_8a),
            Self::Incident => (0xd9_2d_20, 0xf8_51_49),
            Self::Onset => (0x5b_3f_a8, 0xb7_9c_ff),
        };
        let hex: u32 = if theme == Theme::Dark { dark } else { light };
        let [_, r, g, b] = hex.to_be_bytes();
        RGBColor(r, g, b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_roles_share_a_colour() {
        for theme in [Theme::Light, Theme::Dark] {
            for (i, a) in Role::ALL.iter().enumerate() {
                for b in &Role::ALL[i + 1..] {
                    assert_ne!(a.color(theme), b.color(theme), "{a:?} {b:?} {theme:?}");
                }
            }
        }
    }
}
