//! Documents inside logs: what a key, a place, a column or a literal says, and what stays.

use crate::mask::{MaskCounts, MaskKey, Masker, Settings};

fn masker() -> Masker {
    Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
}

fn mask(text: &str) -> String {
    let mut counts = MaskCounts::default();
    masker().text(text, &mut counts).as_str().to_owned()
}

/// What must be gone from each text. The rest of it must be there, and masking again must change nothing.
#[track_caller]
fn check_gone(cases: &[(&str, &[&str])]) {
    for (text, gone) in cases {
        let masked = mask(text);
        for secret in *gone {
            assert!(!masked.contains(secret), "{secret} in {masked}");
        }
        assert_eq!(mask(&masked), masked, "masked twice");
        if text.starts_with('{') {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(read(text), read(&masked), "{masked}");
        }
    }
}

#[track_caller]
fn check_kept(texts: &[&str]) {
    for text in texts {
        assert_eq!(mask(text), *text);
    }
}

#[test]
fn names_inside_objects_about_people_are_theirs() {
    check_gone(&[
        (r#"{"billing":{"name":"Aisha Okonkwo"}}"#, &["Aisha"]),
        (
            r#"{"customer":{"name":{"first":"Aisha","last":"Okonkwo"}}}"#,
            &["Aisha", "Okonkwo"],
        ),
        (
            r#"{"to":[{"email":"a@x.de","name":"Aisha Okonkwo"}]}"#,
            &["Aisha"],
        ),
        (
            r#"{"to":[{"name":"Aisha Okonkwo","email":"a@x.de"}]}"#,
            &["Aisha"],
        ),
        (
            r#"{"address":{"line1":"21 Elm Street","city":"Boston"}}"#,
            &["Elm", "Boston"],
        ),
        (r#"{"user":{"name":"jvanderberg069"}}"#, &["jvander"]),
        (
            r#"{"nameOnCard":"Aisha Okonkwo","FirstName__c":"Aisha"}"#,
            &["Aisha"],
        ),
        (
            r#"{"ssn_number":"123-45-6788","cpfNumber":"529.982.247-25"}"#,
            &["6788", "247"],
        ),
        (
            r#"{"geo":{"lat":52.520008,"lon":13.404954}}"#,
            &["52.52", "13.40"],
        ),
        (
            r#"{"To":"447706901139","From":"14155550100"}"#,
            &["4477", "1415"],
        ),
    ]);
    check_kept(&[
        r#"{"product":{"name":"Blue Shirt"},"service":{"name":"order-sync"}}"#,
        r#"{"name":"Welcome","email":null}"#,
        r#"{"from":"1795319506","to":"1795320000"}"#,
        r#"{"bic":"COBADEFFXXX","host":{"ip":["10.1.1.9"]}}"#,
    ]);
}

#[test]
fn secrets_are_followed_into_objects_and_lists() {
    check_gone(&[
        (
            r#"{"msg":"{ID:7 Password:b108be5344fdd93c Locale:en}"}"#,
            &["b108be53", "be5344"],
        ),
        (
            r#"{"kty":"RSA","n":"0vx7ago","e":"AQAB","d":"X4cTteJY_gn4FYPsXB8rdXix5"}"#,
            &["X4cTteJY"],
        ),
        (
            r#"{"connectionString":"postgres://app:S3cretS3cret@db/main"}"#,
            &["S3cret"],
        ),
        (r#"{"password":{"x":"hunter2hunter"}}"#, &["hunter2"]),
        (r#"{"secrets":{"db":"S3cretS3cret"}}"#, &["S3cret"]),
        (r#"{"tokens":{"a":"iKIaEWO18QeXZDq8"}}"#, &["iKIaEWO1"]),
        (r#"{"session":{"id":"iKIaEWO18QeXZDq8"}}"#, &["iKIaEWO1"]),
        (
            r#"{"secret":{"value":{"current":"S3cretS3cret"}}}"#,
            &["S3cret"],
        ),
        (
            r#"{"a":[{"property":"password","value":"hunter2hunter"}]}"#,
            &["hunter2"],
        ),
        (
            r#"{"a":[{"ParameterKey":"DbPassword","ParameterValue":"hunter2hunter"}]}"#,
            &["hunter2"],
        ),
        (
            r#"{"attributes":[{"key":"http.request.header.authorization","value":{"arrayValue":{"values":[{"stringValue":"Token eBWL8PMII3YV5PQS6lCQ"}]}}}]}"#,
            &["eBWL8PMI"],
        ),
        (
            r#"{"attributes":[{"key":"http.request.header.cookie","value":{"stringValue":"sid=abcdef123456; lang=de"}}]}"#,
            &["abcdef12"],
        ),
        (
            r#"{"rawHeaders":["X-Shopify-Hmac-Sha256","BqmV821HbMDFJRGvMAWO3mM6l/vl/ro8rSrVcX8Je0w=","Vary","Accept"]}"#,
            &["BqmV821H"],
        ),
        (
            r#"{"headers":[["Host","x.de"],["X-Real-IP","203.0.113.251"],["X-Customer-Name","Jane Featherstone"]]}"#,
            &["203.0.113.251", "Featherstone"],
        ),
        (
            r#"{"john.miller@acme.example":{},"https://h/?access_token=S3cretS3cret":1}"#,
            &["miller", "S3cret"],
        ),
    ]);
    check_kept(&[
        r#"{"token":{"type":"bearer","expires_in":3600,"scope":"read write"}}"#,
        r#"{"vary":["Accept","Authorization","Cookie","Origin"]}"#,
        r#"{"secrets":{"region":"eu-west-1"}}"#,
    ]);
}

#[test]
fn cells_are_what_their_columns_are_named() {
    check_gone(&[(
        r#"{"recordData":{"fieldNames":["EMAIL_ADDRESS_","FIRST_NAME","MOBILE_NUMBER_","BIRTH_DATE"],"records":[["a@x.de","Aisha","447700900123","1980-02-03"],["b@x.de","Priya","447700900124","1981-02-03"]]}}"#,
        &["a@x", "Aisha", "4477", "1980", "Priya", "1981"],
    )]);
    check_kept(&[r#"{"columns":["ORDER_ID","STATUS"],"rows":[["A-1","queued"],["A-2","sent"]]}"#]);
}

#[test]
fn of_graphql_only_literals_are_values() {
    check_gone(&[
        (
            r#"{"query":"mutation { login(password: \"hunter2hunter\", pin: 1234) { ok } }"}"#,
            &["hunter2", "1234"],
        ),
        (
            r#"{"query":"mutation M($password: String = \"S3cretDefault9\") { a { id } }"}"#,
            &["S3cret"],
        ),
        (
            r#"{"query":"{ users(where: {lastName: {_eq: \"Okonkwo\"}}) { id } }"}"#,
            &["Okonkwo"],
        ),
        (
            "POST /graphql?query=mutation%20%7B%20login(password%3A%22hunter2hunter%22)%20%7Bok%7D%20%7D HTTP/1.1",
            &["hunter2"],
        ),
    ]);
    check_kept(&[
        r#"{"query":"mutation M($email: String!, $password: String!, $token: ID) { a(email: $email, password: $password) { id } }"}"#,
        r#"{"query":"query { me { email: primaryEmail token: maskedToken } }"}"#,
        r#"{"query":"{ users(orderBy: {email: ASC}) { id } }"}"#,
    ]);
}

#[test]
fn states_placeholders_and_what_is_wrong_stay() {
    check_kept(&[
        r#"{"errors":{"password":["is too short"],"email":["has already been taken"],"token":["is invalid"]}}"#,
        r#"{"password":["can't be blank"]}"#,
        r#"{"token":"expired","email":"not_provided","ssn":"XXX-XX-1234"}"#,
        r#"{"password":"${DB_PASSWORD}","openapi":{"password":"string"}}"#,
    ]);
    check_gone(&[(r#"{"errors":{"password":"hunter2hunter"}}"#, &["hunter2"])]);
}

#[test]
fn what_was_masked_is_found_in_every_dress() {
    check_gone(&[
        (
            r#"{"password":"aP9xKlm2TgWz","note":"echo YVA5eEtsbTJUZ1d6 end"}"#,
            &["YVA5eEts"],
        ),
        (
            r#"{"password":"aP9xKlm2TgWz81","b64":"eyJtIjoiYmFkIGFQOXhLbG0yVGdXejgxIGVuZCJ9"}"#,
            &["aFQOXhLb", "GFQOXhLb"],
        ),
        (
            r#"{"password":"aP9xKlm2TgWz","note":"bad \u0061\u0050\u0039\u0078\u004b\u006c\u006d\u0032\u0054\u0067\u0057\u007a"}"#,
            &[r"\u0050\u0039"],
        ),
        (
            r#"{"password":"aP9x\u00e9Klm2TgWz","note":"bad aP9x\u00e9Klm2TgWz end"}"#,
            &["Klm2TgWz"],
        ),
        (
            r#"{"password":"aP9xKlm2@TgWz","note":"bad aP9xKlm2&#x40;TgWz and aP9xKlm2%2540TgWz"}"#,
            &["aP9xKlm2"],
        ),
        (
            r#"{"fullName":"Aisha Featherstone","msg":"Customer Aisha Featherstone locked"}"#,
            &["Aisha"],
        ),
        (
            r#"{"username":"jdoe77123x","path":"/users/jdoe77123x"}"#,
            &["jdoe77123x"],
        ),
    ]);
    for (text, kept) in [
        (
            r#"{"headers":{"cookie":"step=checkout"},"url":"/cart/checkout"}"#,
            "/cart/checkout",
        ),
        (
            r#"{"password":"production","env":"production"}"#,
            r#""env":"production""#,
        ),
    ] {
        assert!(mask(text).contains(kept), "{}", mask(text));
    }
}

#[test]
fn one_value_has_one_stand_in_however_it_is_written() {
    for (texts, label) in [
        (
            vec![
                r#"{"fullName":"Anna Achterberg"}"#,
                "GET /a?fullName=Anna%20Achterberg HTTP/1.1",
                "GET /a?fullName=Anna%2520Achterberg HTTP/1.1",
                r#"{"queryString":[{"name":"fullName","value":"Anna%20Achterberg"}]}"#,
            ],
            "‹person:",
        ),
        (
            vec![
                r#"{"email":"Jane@x.de"}"#,
                r#"{"queryString":[{"name":"email","value":"jane%40x.de"}]}"#,
                "mail to jane@x.de failed",
            ],
            "‹email:",
        ),
        (
            vec![
                r#"{"iban":"DE89 3704 0044 0532 0130 00"}"#,
                r#"{"body":"x=1&i=DE89+3704+0044+0532+0130+00"}"#,
                "paid DE89370400440532013000 now",
            ],
            "‹identity:",
        ),
        (
            vec![
                r#"{"card":"4111-1111-1111-1111"}"#,
                r#"{"body":"x=1&acct=4111+1111+1111+1111"}"#,
                r#"{"n":4111111111111111}"#,
            ],
            "‹card:",
        ),
    ] {
        let stand_in = |text: &&str| {
            let masked = mask(text);
            let found = masked.find(label).unwrap_or_else(|| panic!("{masked}"));
            masked[found..].split('›').next().map(str::to_owned)
        };
        let all: Vec<_> = texts.iter().map(stand_in).collect();
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    }
}
