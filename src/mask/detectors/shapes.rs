//! Tokens of several parts, and those whose start is a word as often: what stands around the literal that announces
//! them. Data; `shaped` compares.

use crate::mask::detector::Class;

/// What a token looks like around its literal.
#[derive(Debug)]
pub(crate) struct Shape {
    /// So many bytes in front of the literal, of that class.
    pub(crate) before: Option<(Class, usize)>,
    pub(crate) after: &'static [Piece],
}

#[derive(Debug)]
pub(crate) enum Piece {
    /// So many bytes of a class, from the least to the most.
    Run(Class, usize, usize),
    /// The same, of which one is a digit and one a letter: words are none.
    Mixed(Class, usize, usize),
    Sign(&'static str),
    /// No letter, no digit and no sign that joins words.
    End,
}

use Class::{Alnum, Base, Dash, Digit, Dot, Hex, Lower, Upper};
use Piece::{End, Mixed, Run, Sign};

/// No part of a token is longer.
const LONG: usize = 4096;

const fn after(after: &'static [Piece]) -> Shape {
    Shape {
        before: None,
        after,
    }
}

const fn behind(class: Class, count: usize, after: &'static [Piece]) -> Shape {
    Shape {
        before: Some((class, count)),
        after,
    }
}

const UUID: &[Piece] = &[
    Run(Hex, 8, 8),
    Sign("-"),
    Run(Hex, 4, 4),
    Sign("-"),
    Run(Hex, 4, 4),
    Sign("-"),
    Run(Hex, 4, 4),
    Sign("-"),
    Run(Hex, 12, 12),
    End,
];
const HUBSPOT: &[Shape] = &[after(UUID)];

/// The literals, as they are written, and the shapes that each announces.
pub(crate) const SHAPES: &[(&str, &[Shape])] = &[
    // Airtable, Harness.
    (
        "pat",
        &[
            after(&[Mixed(Alnum, 14, 14), Sign("."), Run(Hex, 64, 64), End]),
            after(&[
                Sign("."),
                Run(Dash, 22, 22),
                Sign("."),
                Run(Hex, 24, 24),
                Sign("."),
                Run(Alnum, 20, 20),
                End,
            ]),
        ],
    ),
    ("pat-na1-", HUBSPOT),
    ("pat-na2-", HUBSPOT),
    ("pat-na3-", HUBSPOT),
    ("pat-eu1-", HUBSPOT),
    ("pat-ap1-", HUBSPOT),
    // Klaviyo in two forms, ClickUp. With a word behind it the key is one to publish.
    (
        "pk_",
        &[
            after(&[Run(Hex, 32, LONG)]),
            after(&[Run(Alnum, 6, 6), Sign("_"), Run(Hex, 32, 64), End]),
            after(&[Run(Digit, 5, 12), Sign("_"), Run(Upper, 32, 32), End]),
        ],
    ),
    // Zoho.
    (
        "1000.",
        &[after(&[Run(Hex, 32, 32), Sign("."), Run(Hex, 32, 32), End])],
    ),
    // Dynatrace.
    ("dt0c01.", DYNATRACE),
    ("dt0s01.", DYNATRACE),
    ("dt0s02.", DYNATRACE),
    ("dt0s03.", DYNATRACE),
    ("dt0s04.", DYNATRACE),
    ("dt0s06.", DYNATRACE),
    ("dt0s08.", DYNATRACE),
    ("dt0s16.", DYNATRACE),
    // The secret key of an account of 1Password.
    (
        "A3-",
        &[
            after(&[
                Run(Upper, 6, 6),
                Sign("-"),
                Run(Upper, 6, 6),
                Sign("-"),
                Run(Upper, 5, 5),
                Sign("-"),
                Run(Upper, 5, 5),
                Sign("-"),
                Run(Upper, 5, 5),
                Sign("-"),
                Run(Upper, 5, 5),
                End,
            ]),
            after(&[
                Run(Upper, 6, 6),
                Sign("-"),
                Run(Upper, 11, 11),
                Sign("-"),
                Run(Upper, 5, 5),
                Sign("-"),
                Run(Upper, 5, 5),
                Sign("-"),
                Run(Upper, 5, 5),
                End,
            ]),
        ],
    ),
    // Mollie, Lob, Chargebee, GoCardless.
    (
        "live_",
        &[
            after(&[Mixed(Alnum, 30, 64), End]),
            after(&[Mixed(Dash, 40, 40), End]),
        ],
    ),
    ("test_", &[after(&[Mixed(Alnum, 30, 64), End])]),
    ("sandbox_", &[after(&[Mixed(Dash, 40, 40), End])]),
    // Resend.
    (
        "re_",
        &[after(&[
            Run(Alnum, 8, 8),
            Sign("_"),
            Mixed(Alnum, 24, 24),
            End,
        ])],
    ),
    // Mandrill, Mailchimp.
    ("md-", &[after(&[Mixed(Alnum, 22, 22), End])]),
    ("-us", &[behind(Hex, 32, &[Run(Digit, 1, 2), End])]),
    // Adyen.
    (
        "AQE",
        &[after(&[Run(Lower, 1, 1), Sign("hm"), Run(Base, 60, LONG)])],
    ),
    // Keys of Azure: storage, Cosmos DB, DevOps, AI services.
    (
        "+ASt",
        &[behind(Base, 76, &[Run(Base, 6, 6), Sign("=="), End])],
    ),
    (
        "ACDb",
        &[behind(Base, 76, &[Run(Base, 6, 6), Sign("=="), End])],
    ),
    ("AZDO", &[behind(Alnum, 76, &[Run(Alnum, 4, 4), End])]),
    ("JQQJ99", &[behind(Alnum, 52, &[Run(Alnum, 26, 26), End])]),
    // Origin CA of Cloudflare.
    (
        "v1.0-",
        &[after(&[
            Run(Hex, 24, 24),
            Sign("-"),
            Run(Hex, 146, 146),
            End,
        ])],
    ),
    // New Relic, MaxMind, Terraform.
    ("NRAL", &[behind(Alnum, 36, &[End])]),
    ("mmk", &[behind(Dash, 37, &[End])]),
    ("atlasv1.", &[behind(Dot, 15, &[Run(Dash, 60, LONG)])]),
    // LaunchDarkly, Telnyx, NuGet, crates.io.
    ("sdk-", &[after(UUID)]),
    (
        "KEY01",
        &[after(&[
            Run(Upper, 30, 30),
            Sign("_"),
            Run(Alnum, 22, 22),
            End,
        ])],
    ),
    ("oy2", &[after(&[Mixed(Lower, 43, 43), End])]),
    ("cio", &[after(&[Mixed(Alnum, 32, 32), End])]),
    // Mapbox: keys that are no publishable ones.
    (
        "sk.eyJ1Ijoi",
        &[after(&[Run(Dash, 20, LONG), Sign("."), Run(Dot, 20, LONG)])],
    ),
    // RFC 8959.
    ("secret-token:", &[after(&[Run(Dot, 8, LONG)])]),
];

const DYNATRACE: &[Shape] = &[after(&[
    Run(Upper, 8, 24),
    Sign("."),
    Run(Upper, 64, 64),
    End,
])];
