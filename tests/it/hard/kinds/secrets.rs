//! Secrets without a form of their own, which only their name gives away, and those that RFCs give a form.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::hard::kinds::{Class, Kind, Make, Value};
use crate::hard::pattern::write;
use crate::hard::random::Random;

const TOKEN_NAMES: &[&str] = &[
    "access_token",
    "refresh_token",
    "accessToken",
    "refreshToken",
    "token",
    "auth_token",
    "authToken",
    "api_key",
    "apikey",
    "apiKey",
    "ApiKey",
    "api-key",
    "client_secret",
    "clientSecret",
    "ClientSecret",
    "secret",
    "secret_key",
    "secretKey",
    "app_secret",
    "consumer_secret",
    "session_id",
    "sessionId",
    "sessionToken",
    "csrf_token",
    "csrfToken",
    "authenticity_token",
    "webhook_secret",
    "signing_secret",
    "signingSecret",
    "encryption_key",
    "AccountKey",
    "SharedAccessKey",
    "aws_secret_access_key",
    "SecretAccessKey",
    "oauth_token",
    "oauth_token_secret",
    "reset_token",
    "invite_token",
    "device_code",
    "bearer_token",
    "personal_access_token",
    "code_verifier",
    "subscription_key",
    "hmac_key",
    "master_key",
    "shared_secret",
    "access_key",
    "security_token",
    "x-api-key",
    "registration_access_token",
    "xsrf_token",
    "jwt_secret",
    "apiSecret",
    "api_secret",
    "subject_token",
    "signatureSecret",
    "upload_token",
    "pairing_token",
    "delegation_token",
];
const PASSWORD_NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "Password",
    "userPassword",
    "user_password",
    "new_password",
    "newPassword",
    "old_password",
    "current_password",
    "password_confirmation",
    "db_password",
    "DB_PASSWORD",
    "smtp_password",
    "adminPassword",
    "login_password",
    "PASSWORD",
    "keystorePassword",
    "sshPassphrase",
    "MYSQL_ROOT_PASSWORD",
    "proxyPassword",
    "bindPassword",
    "ftp-password",
];
const JWT_NAMES: &[&str] = &["id_token", "access_token", "jwt", "assertion", "idToken"];
const SIGNATURE_NAMES: &[&str] = &["signature", "X-Signature", "hmac", "webhook_signature"];
const CODE_NAMES: &[&str] = &[
    "otp",
    "otp_code",
    "verification_code",
    "mfa_code",
    "totp",
    "one_time_password",
    "verificationCode",
    "sms_code",
];

const fn secret(name: &'static str, names: &'static [&'static str], make: Make) -> Kind {
    let shaped = false;
    let class = Class::Secret;
    Kind {
        name,
        class,
        shaped,
        names,
        make,
    }
}

pub const SECRETS: &[Kind] = &[
    secret("token, letters", TOKEN_NAMES, Make::Pattern("{w36}")),
    secret("token, short", TOKEN_NAMES, Make::Pattern("{w16}")),
    secret("token, hex", TOKEN_NAMES, Make::Pattern("{h40}")),
    secret("token, base64", TOKEN_NAMES, Make::Pattern("{b32}")),
    secret("token, base64url", TOKEN_NAMES, Make::Pattern("{l32}")),
    secret("token, UUID", TOKEN_NAMES, Make::Pattern("{u}")),
    secret("token, dotted", TOKEN_NAMES, Make::Pattern("{w20}.{w14}")),
    secret("password, letters", PASSWORD_NAMES, Make::Pattern("{w12}")),
    secret("password, words", PASSWORD_NAMES, Make::By(words)),
    secret("password, odd signs", PASSWORD_NAMES, Make::By(odd)),
    secret("signature", SIGNATURE_NAMES, Make::Pattern("{h64}")),
    secret("one-time code", CODE_NAMES, Make::Pattern("{d6}")),
    Kind {
        shaped: true,
        ..secret("JWT", JWT_NAMES, Make::By(jwt))
    },
    Kind {
        shaped: true,
        ..secret("JWE", JWT_NAMES, Make::By(jwe))
    },
    Kind {
        shaped: true,
        ..secret(
            "private key",
            &["private_key", "privateKey", "key", "pem"],
            Make::By(pem),
        )
    },
];

fn words(random: &mut Random) -> Value {
    const WORDS: &str = "{Copper|Lantern|River|Saddle|Maple|Orbit|Falcon|Pepper|Violet|Quartz}";
    let form = format!("{WORDS}{WORDS}{{d4}}");
    write(&form, random).into()
}

/// With a sign that some grammar must escape.
fn odd(random: &mut Random) -> Value {
    const SIGNS: &[char] = &[
        '!', '#', '$', '@', '&', '<', '%', '+', '/', '=', '"', '\\', ' ', '?', 'é', '\'', ';', ',',
        ':', '>', '|', '^', '}', '[', '§', '😀',
    ];
    let sign = *random.pick(SIGNS);
    let [before, after] = [9, 9].map(|count| random.word(count));
    let mut value = Value::from(format!("{before}{sign}{after}"));
    value.cores = vec![before, after];
    value
}

fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

/// RFC 7519. What explains a refusal may stay; who it is about and the signature may not.
fn jwt(random: &mut Random) -> Value {
    let subject = write("auth0|{h24}", random);
    let alg = *random.pick(&["RS256", "HS256", "ES256"]);
    let kid = random.hex(8);
    let head = format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#);
    let claims = format!(
        r#"{{"iss":"https://idp.example.com/","sub":"{subject}","aud":"https://api.example.com","exp":1795319505,"scope":"read write"}}"#
    );
    let signature = write("{w43}", random);
    let text = format!("{}.{}.{signature}", part(&head), part(&claims));
    with_cores(text, vec![signature, subject])
}

/// RFC 7516: nothing of it can be read but its header.
fn jwe(random: &mut Random) -> Value {
    let head = part(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    let [key, iv, sealed, mark] = [342, 16, 200, 22].map(|count| random.word(count));
    let text = format!("{head}.{key}.{iv}.{sealed}.{mark}");
    with_cores(text, vec![key, sealed, mark])
}

/// RFC 7468.
fn pem(random: &mut Random) -> Value {
    let label = *random.pick(&[
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
    ]);
    let lines: Vec<String> = (0..4).map(|_| random.word(64)).collect();
    let text = format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    );
    with_cores(text, lines)
}

fn with_cores(text: String, cores: Vec<String>) -> Value {
    let canonical = text.clone();
    Value {
        text,
        canonical,
        cores,
    }
}
