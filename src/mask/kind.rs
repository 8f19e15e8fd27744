//! What a masked value was: the name it is counted under and the label its stand-in carries.
//!
//! The two differ on purpose. The count tells where the value stood (a bearer header, a cookie, a query key); the
//! label tells only what the value is, so that one token has one stand-in wherever it stood.

use crate::mask::settings::MaskError;

macro_rules! kinds {
    ($($variant:ident $name:literal $label:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Kind { $($variant,)* }

        impl Kind {
            pub(crate) const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The name in the counts.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            /// The word inside the stand-in.
            pub(crate) fn label(self) -> &'static str {
                match self { $(Kind::$variant => $label,)* }
            }
        }
    };
}

kinds! {
    Bearer "bearer" "token",
    BasicUser "basic_user" "user",
    Basic "basic" "secret",
    Jwt "jwt" "jwt",
    Token "token" "token",
    Key "key" "token",
    Cookie "cookie" "token",
    Session "session" "token",
    Code "code" "token",
    Webhook "webhook" "token",
    Custom "custom" "token",
    Password "password" "secret",
    Secret "secret" "secret",
    Signature "signature" "signature",
    Pem "pem" "pem",
    Email "email" "email",
    Phone "phone" "phone",
    Card "card" "card",
    Ip "ip" "ip",
    User "user" "user",
    Person "person" "person",
    Address "address" "address",
    Identity "identity" "identity",
    Short "short" "short",
}

impl Kind {
    /// The kind that is counted under a name.
    pub(crate) fn named(name: &str) -> Result<Self, MaskError> {
        let kind = Self::ALL.iter().find(|kind| kind.name() == name);
        kind.copied().ok_or_else(|| MaskError::NoKind {
            name: name.to_owned(),
        })
    }

    /// Whether a value of this kind is looked for in the rest of its record. The others are either found by their
    /// shape wherever they stand, or are words that would hit what is no secret.
    pub(crate) fn echoes(self) -> bool {
        !matches!(
            self,
            Self::Email
                | Self::Jwt
                | Self::Card
                | Self::Ip
                | Self::User
                | Self::Person
                | Self::Short
        )
    }

    /// How many digits a bare number needs before it is taken for a value of this kind; `None` for kinds that a
    /// number never is. A `token` of 5 is a count, a `user` of 42 an id that support needs.
    pub(crate) fn number_digits_min(self) -> Option<usize> {
        match self {
            Self::Password | Self::Secret | Self::Custom | Self::Short => Some(1),
            Self::Token | Self::Key | Self::Session | Self::Phone | Self::Identity => Some(6),
            Self::Card => Some(12),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_has_one_label_wherever_it_stood() {
        for kind in [Kind::Bearer, Kind::Token, Kind::Key, Kind::Cookie] {
            assert_eq!(kind.label(), "token");
        }
        assert_eq!(Kind::Basic.label(), Kind::Password.label());
    }

    #[test]
    fn all_is_in_the_order_of_the_discriminants() {
        for (at, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, at);
        }
    }
}
