//! The region that a host name tells, such as `eu-west-1` or `apac`.

/// Beginnings of regions' names as clouds and vendors use them.
const AREAS: [&str; 16] = [
    "us", "eu", "ap", "sa", "ca", "me", "af", "cn", "uk", "au", "jp", "in", "na", "emea", "apac",
    "latam",
];

/// What may follow the area.
const DIRECTIONS: [&str; 11] = [
    "east",
    "west",
    "north",
    "south",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
    "gov",
    "prod",
];

/// The last label is left out: `.me` and `.in` are countries of a name, not of a machine.
pub fn region_of(host: &str) -> Option<&str> {
    let (labels, _) = host.rsplit_once('.')?;
    labels.split('.').find_map(region_in)
}

fn region_in(label: &str) -> Option<&str> {
    let starts = label.match_indices('-').map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(starts)
        .map(|start| &label[start..])
        .find(|rest| is_region(rest))
}

fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let area = first.trim_end_matches(|c: char| c.is_ascii_digit());
    AREAS.contains(&area)
        && parts.all(|part| {
            let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
            word.is_empty() || DIRECTIONS.contains(&word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_found_in_labels() {
        for (host, region) in [
            ("eu.api.example.com", Some("eu")),
            ("api-eu1.example.com", Some("eu1")),
            ("s3-us-west-2.amazonaws.com", Some("us-west-2")),
            ("api.ap-southeast-1.vendor.io", Some("ap-southeast-1")),
            ("api.vendor.in", None),
            ("meta.vendor.com", None),
            ("in-app.vendor.com", None),
            ("localhost", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
    }
}
