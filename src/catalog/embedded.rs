//! The vendor files that ship with the product, one line each.
//!
//! They are compiled in, so that the binary needs no data beside it. A vendor is added by a file in `vendors/` and its
//! line here; a test keeps the two in step.

pub const FILES: &[(&str, &str)] = &[
    (
        "activecampaign.toml",
        include_str!("vendors/activecampaign.toml"),
    ),
    (
        "adobe-experience-platform.toml",
        include_str!("vendors/adobe-experience-platform.toml"),
    ),
    ("adyen.toml", include_str!("vendors/adyen.toml")),
    ("airtable.toml", include_str!("vendors/airtable.toml")),
    ("amazon-sp.toml", include_str!("vendors/amazon-sp.toml")),
    ("anthropic.toml", include_str!("vendors/anthropic.toml")),
    ("any.toml", include_str!("vendors/any.toml")),
    ("asana.toml", include_str!("vendors/asana.toml")),
    ("atlassian.toml", include_str!("vendors/atlassian.toml")),
    ("auth0.toml", include_str!("vendors/auth0.toml")),
    ("aws.toml", include_str!("vendors/aws.toml")),
    (
        "azure-management.toml",
        include_str!("vendors/azure-management.toml"),
    ),
    ("bigcommerce.toml", include_str!("vendors/bigcommerce.toml")),
    ("box.toml", include_str!("vendors/box.toml")),
    ("braze.toml", include_str!("vendors/braze.toml")),
    ("brevo.toml", include_str!("vendors/brevo.toml")),
    ("customer-io.toml", include_str!("vendors/customer-io.toml")),
    ("dataverse.toml", include_str!("vendors/dataverse.toml")),
    ("discord.toml", include_str!("vendors/discord.toml")),
    ("docusign.toml", include_str!("vendors/docusign.toml")),
    ("dropbox.toml", include_str!("vendors/dropbox.toml")),
    ("github.toml", include_str!("vendors/github.toml")),
    ("gitlab.toml", include_str!("vendors/gitlab.toml")),
    ("google.toml", include_str!("vendors/google.toml")),
    ("hubspot.toml", include_str!("vendors/hubspot.toml")),
    ("intercom.toml", include_str!("vendors/intercom.toml")),
    ("iterable.toml", include_str!("vendors/iterable.toml")),
    ("klaviyo.toml", include_str!("vendors/klaviyo.toml")),
    ("linkedin.toml", include_str!("vendors/linkedin.toml")),
    ("mailchimp.toml", include_str!("vendors/mailchimp.toml")),
    ("mailgun.toml", include_str!("vendors/mailgun.toml")),
    ("mandrill.toml", include_str!("vendors/mandrill.toml")),
    ("marketo.toml", include_str!("vendors/marketo.toml")),
    ("meta.toml", include_str!("vendors/meta.toml")),
    (
        "microsoft-graph.toml",
        include_str!("vendors/microsoft-graph.toml"),
    ),
    ("monday.toml", include_str!("vendors/monday.toml")),
    ("netsuite.toml", include_str!("vendors/netsuite.toml")),
    ("notion.toml", include_str!("vendors/notion.toml")),
    ("okta.toml", include_str!("vendors/okta.toml")),
    ("openai.toml", include_str!("vendors/openai.toml")),
    ("paypal.toml", include_str!("vendors/paypal.toml")),
    ("pinterest.toml", include_str!("vendors/pinterest.toml")),
    ("pipedrive.toml", include_str!("vendors/pipedrive.toml")),
    ("quickbooks.toml", include_str!("vendors/quickbooks.toml")),
    ("responsys.toml", include_str!("vendors/responsys.toml")),
    ("salesforce.toml", include_str!("vendors/salesforce.toml")),
    ("segment.toml", include_str!("vendors/segment.toml")),
    ("sendgrid.toml", include_str!("vendors/sendgrid.toml")),
    ("sfmc.toml", include_str!("vendors/sfmc.toml")),
    ("shopify.toml", include_str!("vendors/shopify.toml")),
    ("slack.toml", include_str!("vendors/slack.toml")),
    ("snowflake.toml", include_str!("vendors/snowflake.toml")),
    ("square.toml", include_str!("vendors/square.toml")),
    ("stripe.toml", include_str!("vendors/stripe.toml")),
    ("tiktok.toml", include_str!("vendors/tiktok.toml")),
    ("twilio.toml", include_str!("vendors/twilio.toml")),
    ("x-twitter.toml", include_str!("vendors/x-twitter.toml")),
    ("xero.toml", include_str!("vendors/xero.toml")),
    ("zendesk.toml", include_str!("vendors/zendesk.toml")),
    ("zoho.toml", include_str!("vendors/zoho.toml")),
    ("zoom.toml", include_str!("vendors/zoom.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/vendors");
        let Ok(entries) = std::fs::read_dir(folder) else {
            println!("skipped: {folder} is not here");
            return;
        };
        let mut found: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("readable")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        found.sort();
        let listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(found, listed);
    }
}
