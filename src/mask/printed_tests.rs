//! Credentials and personal data as programs print them: what must be gone, and what must still be there.

use crate::mask::counts::MaskCounts;
use crate::mask::key::MaskKey;
use crate::mask::masker::Masker;
use crate::mask::settings::Settings;

/// A text, the part that must be gone, and what must have stayed.
type Case<'t> = (&'t str, &'t str, &'t [&'t str]);

fn masked(text: &str) -> String {
    let masker = Masker::new(MaskKey::from_bytes([3; 32]), Settings::default()).expect("valid");
    let out = masker.text(text, &mut MaskCounts::default());
    let again = masker.text(out.as_str(), &mut MaskCounts::default());
    assert_eq!(out.as_str(), again.as_str(), "masked twice: {text}");
    out.as_str().to_owned()
}

fn check(cases: &[Case<'_>]) {
    for (text, gone, stays) in cases {
        let out = masked(text);
        assert!(!out.contains(gone), "{text}\nbecame {out}");
        for part in *stays {
            assert!(out.contains(part), "{part} went: {text}\nbecame {out}");
        }
    }
}

fn check_same(texts: &[&str]) {
    for text in texts {
        assert_eq!(masked(text), *text);
    }
}

/// All texts hold the same value, so all must show the same stand-in.
fn check_equal(texts: &[&str]) {
    let stand_in = |text: &str| {
        let out = masked(text);
        let start = out
            .find('‹')
            .unwrap_or_else(|| panic!("{text} became {out}"));
        let end = out.rfind('›').expect("closed");
        out[start..end].to_owned()
    };
    for text in texts {
        assert_eq!(stand_in(text), stand_in(texts[0]), "{text}");
    }
}

#[test]
fn values_end_where_their_program_ends_them() {
    check(&[
        (
            r#"http-outgoing-0 >> "X-Api-Key: XJZDPApHbi9VMxqUbfYO[\r][\n]""#,
            "XJZDPAp",
            &[r#"›[\r][\n]""#],
        ),
        (
            r#"headers={Accept=[*/*], Authorization=[Basic c3ZjYjEzODp4VTJXQndXYkFLS1c=]} body= status=201"#,
            "c3ZjYjEz",
            &["Accept=[*/*]", "[Basic ‹", "]} body= status=201"],
        ),
        (
            "map[Accept:[*/*] Authorization:[Bearer cCidCJndyZiwcuPHLwFbuEvJznXvZYcxhL5vxB2zDnY=] X-Id:[7]]",
            "cCidCJnd",
            &["[Bearer ‹", "›] X-Id:[7]]"],
        ),
        (
            "GET /v1/orders;jsessionid=B9DB1867E03956F0098294BC6349E7DE?page=1 HTTP/1.1",
            "B9DB1867",
            &["›?page=1 HTTP/1.1"],
        ),
        (
            "GET /v1/x?a=1&Authorization=8f70479b74fa0bf1&limit=50 HTTP/1.1",
            "8f70479b",
            &["&limit=50 HTTP/1.1"],
        ),
        (
            "{'password': ['kD93jLpQz71', 'zz93jLpQz72']}",
            "zz93jLpQz72",
            &["['‹", "›', '‹", "›']}"],
        ),
        (
            "headers={X-Api-Key=[kD93jLpQz71xWm, bb93jLpQz71xWm]} x=1",
            "bb93jLpQ",
            &["›]} x=1"],
        ),
        (
            "[\"password\"]=>\n  string(16) \"iKIaEWO18QeXZDq8\" [\"x\"]=> int(1)",
            "iKIaEWO1",
            &["string(16) \"‹", "[\"x\"]=> int(1)"],
        ),
        (
            "level=info lname=O'Brien x=1",
            "Brien",
            &["level=info lname=‹", "› x=1"],
        ),
    ]);
    check_same(&[
        "Content-MD5: WTqZTV4J48cvYh4j5b3ePw==",
        "GET /cb#token_type=bearer HTTP/1.1",
        "{\"message\":\"INVALID_SESSION_ID: Session expired or invalid\"}",
        "> Authorization: Bearer",
        "{\"message\":\"Authorization: header missing\"}",
        "{\"scope\":\"secrets:write tokens:read openid\"}",
        "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf",
        "{\"Bucket\":\"acme\",\"Key\":\"exports/2024/03/r.csv\"}",
        "{\"token\":\"expired\"} ssn=XXX-XX-1234 password=${DB_PASSWORD}",
    ]);
}

#[test]
fn names_and_numbers_reach_over_blanks() {
    check(&[
        (
            "Customer(lastName=van der Berg, street=21 Elm Street, phone=0170 1234567)",
            "Berg",
            &[
                "(lastName=‹person:",
                "›, street=‹address:",
                "›, phone=‹phone:",
                "›)",
            ],
        ),
        ("X-Customer-Name: Jane Featherstone", "Feather", &[]),
        (
            "X-Birth-Date: 12 March 1980",
            "1980",
            &["X-Birth-Date: ***"],
        ),
        (
            "{\"msg\":\"IBAN: DE89 3704 0044 0532 0130 00 invalid\"}",
            "3704",
            &["› invalid"],
        ),
        ("phone: 0170 1234567", "0170", &[]),
        (
            "firstName: Aisha User not found",
            "Aisha",
            &["› User not found"],
        ),
    ]);
    check_equal(&[
        "X-IBAN: DE89 3704 0044 0532 0130 00",
        "iban=DE89370400440532013000",
    ]);
}

#[test]
fn clients_are_found_in_every_list() {
    check(&[
        (
            "Forwarded: proto=https;for=\"203.0.113.144:4711\"",
            "203.0",
            &["proto=https;for=\"‹ip:", ":4711\""],
        ),
        (
            "Forwarded: for=93.184.216.160, for=203.0.113.91",
            "113.91",
            &["for=‹ip:", ", for=‹ip:"],
        ),
        (
            "at=info fwd=\"204.204.204.204\" dyno=web.1",
            "204.204",
            &["dyno=web.1"],
        ),
    ]);
    check_equal(&[
        "GET /a?client_ip=2001%3Adb8%3A%3A3117 HTTP/1.1",
        "{\"client_ip\":\"2001:db8::3117\"}",
        "Forwarded: for=\"[2001:db8::3117]:4711\"",
    ]);
}

#[test]
fn only_what_proves_something_goes() {
    check(&[
        (
            "Authorization: GenieKey eb243592-faa2-4ba2-a551-1afdf565c889",
            "eb243592",
            &["GenieKey ‹"],
        ),
        (
            "Authorization: SharedKey acmestore:JB4Ve7YUgXKbxpW07UNiQKc9klTVoYvKK9aqwOZlUx0=",
            "JB4Ve7",
            &["SharedKey acmestore:‹"],
        ),
        (
            "X-Hub-Signature-256: sha256=ed6bca5f7de5e8e51781e69180c2",
            "ed6bca",
            &["sha256=‹"],
        ),
        (
            "Stripe-Signature: t=1690000000,v1=5257a869e7ecebeda32a",
            "5257a8",
            &["t=1690000000,v1=‹"],
        ),
        (
            r#"Signature: keyId="k1",algorithm="hmac-sha256",headers="(request-target) date",signature="OCIlYl7gLcjkBIy8""#,
            "OCIlYl7",
            &[r#"keyId="k1",algorithm="hmac-sha256",headers="(request-target) date",signature="‹"#],
        ),
        (
            "Authorization: SharedAccessSignature sr=https%3A%2F%2Facme.net%2Fq&sig=JB4%2FVe7YUgXKbxpW0%3D&se=1710003600&skn=send",
            "JB4%2FVe7",
            &[
                "sr=https%3A%2F%2Facme.net%2Fq&sig=‹",
                "&se=1710003600&skn=send",
            ],
        ),
        (
            r#"{"connectionString":"Server=tcp:sql.example.com,1433;User ID=sa;Password=kD93jLpQz71xWm;Encrypt=True;"}"#,
            "kD93jLp",
            &[
                "Server=tcp:sql.example.com,1433;User ID=‹user:",
                "Encrypt=True;",
            ],
        ),
    ]);
    check_equal(&[
        "GET /r?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240312%2Feu-west-1%2Fs3%2Faws4_request&x=1",
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240312/eu-west-1/s3/aws4_request, SignedHeaders=host",
        r#"{"X-Amz-Credential":"AKIAIOSFODNN7EXAMPLE/20240312/eu-west-1/s3/aws4_request"}"#,
    ]);
}

#[test]
fn preferences_in_cookies_stay_and_sessions_go() {
    check_same(&[
        "Cookie: theme=dark; ab_test=variant-B; cookie_consent=accepted; tz=Europe/Berlin",
    ]);
    check(&[(
        "Cookie: lang=english; sid=odHzMvq42AMDuMzZ; _ga=GA1.2.111.222",
        "odHzMvq",
        &["lang=english; sid=‹token:", "; _ga=‹token:"],
    )]);
    check_equal(&[
        "Cookie: client_ip=203.0.113.9; a=b",
        "X-Real-IP: 203.0.113.9",
    ]);
}

#[test]
fn conditions_of_odata_are_read() {
    check(&[(
        "GET /r?$filter=startswith(firstName,'Aisha')%20and%20lastName%20eq%20'Okonkwo' HTTP/1.1",
        "Okonkwo",
        &[
            "startswith(firstName,'‹",
            "')%20and%20lastName%20eq%20'‹",
            "›' HTTP/1.1",
        ],
    )]);
}

#[test]
fn arguments_and_documents_are_read_by_the_name_in_front() {
    check(&[
        (
            r#"{"argv":["curl","-u","svc:kD93jLpQz71x","--password","bb93jLpQz71x"]}"#,
            "93jLpQz71x",
            &[
                r#"["curl","-u","‹user:"#,
                r#"›:‹secret:"#,
                r#"","--password","‹secret:"#,
            ],
        ),
        (
            r#"{"auths":{"https://index.docker.io/v1/":{"auth":"YWNtZTptcVhPYzFGVnphYzRtNlJHaFZmRw=="}}}"#,
            "YWNtZTpt",
            &[r#"{"https://index.docker.io/v1/":{"auth":"‹user:"#],
        ),
        (
            r#"{"cookies":{"theme":"dark","sid":"kD93jLpQz71x"}}"#,
            "kD93jLp",
            &[r#""theme":"dark","sid":"‹token:"#],
        ),
    ]);
    check_equal(&[
        r#"{"phone":"+49 170 1234567"}"#,
        r#"{"phone":"0049 170 1234567"}"#,
        r#"{"phone":"+49 (0)170 1234567"}"#,
    ]);
    check_same(&[
        "GET /a?order_id=4111111111111111 HTTP/1.1",
        "X-Cloud-Trace-Context: f3b7b5f11ee7dee73ecb53ce84ee6024/4688459830714589037;o=1",
        "level=info dd.trace_id=4627232008663972056",
    ]);
}

#[test]
fn conditions_and_literals_inside_each_other_end() {
    for piece in [
        "$filter=a,'",
        "b'\\",
        "('password', '",
        " into t (password) values ('",
    ] {
        masked(&piece.repeat(2000));
    }
}
