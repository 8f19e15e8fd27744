//! The questions, one SQL file each.

/// A question: its name and text. Parameters stand in the header of the file.
#[derive(Debug)]
pub struct Query {
    pub name: &'static str,
    pub sql: &'static str,
}

/// Every question that tidemark asks.
pub const QUERIES: &[Query] = &[
    BOUNDS,
    COUNTS,
    RATES,
    FINGERPRINTS,
    ERRORS,
    CALLS,
    CODED,
    OPERATIONS,
    SAMPLES,
    MASKED,
];

pub const BOUNDS: Query = Query {
    name: "bounds",
    sql: include_str!("../../queries/bounds.sql"),
};
pub const COUNTS: Query = Query {
    name: "counts",
    sql: include_str!("../../queries/counts.sql"),
};
pub const RATES: Query = Query {
    name: "rates",
    sql: include_str!("../../queries/rates.sql"),
};
pub const FINGERPRINTS: Query = Query {
    name: "fingerprints",
    sql: include_str!("../../queries/fingerprints.sql"),
};
pub const ERRORS: Query = Query {
    name: "errors",
    sql: include_str!("../../queries/errors.sql"),
};
pub const CALLS: Query = Query {
    name: "calls",
    sql: include_str!("../../queries/calls.sql"),
};
pub const CODED: Query = Query {
    name: "coded",
    sql: include_str!("../../queries/coded.sql"),
};
pub const OPERATIONS: Query = Query {
    name: "operations",
    sql: include_str!("../../queries/operations.sql"),
};
pub const SAMPLES: Query = Query {
    name: "samples",
    sql: include_str!("../../queries/samples.sql"),
};
pub const MASKED: Query = Query {
    name: "masked",
    sql: include_str!("../../queries/masked.sql"),
};
